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
        if (message.Installation.Length is 0 or > 64 || !message.Installation.All(static c => char.IsAsciiLetterOrDigit(c) || c == '-'))
            throw new TransactionException("The transaction's installation is not a name of letters, digits and dashes.");
        return $"{message.Installation}/{message.Id}";
    }
}
