namespace VpsAdmin.Node;

/// <summary>
/// The user property that what a transaction makes is born with. <c>zfs create -o</c> and <c>zfs snapshot -o</c> set it in the same
/// transaction group, so a node that died at any moment tells afterwards what it had made: work that is delivered again finds it, and a
/// rollback undoes this and nothing else. A plain <c>zfs send</c> does not carry it to anybody.
/// </summary>
internal static class TransactionMark
{
    public const string Property = "cz.vpsfree.vpsadmin:transaction";

    public static string Of(TransactionMessage message)
    {
        if (message.Installation is null)
            return $"{message.Id}";
        Check(message.Installation, "installation");
        if (message.Nonce is null)
            return $"{message.Installation}/{message.Id}";
        Check(message.Nonce, "nonce");
        return $"{message.Installation}/{message.Id}/{message.Nonce}";
    }

    private static void Check(string name, string what)
    {
        if (name.Length is 0 or > 64 || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new TransactionException($"The transaction's {what} is not a name of letters, digits and dashes.");
    }
}
