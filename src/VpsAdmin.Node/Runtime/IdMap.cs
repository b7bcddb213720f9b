namespace VpsAdmin.Node.Runtime;

/// <summary>
/// Users of a VPS are nobody on the node: 0 in it is <see cref="First"/> outside. All nodes have the same range, so that files keep their
/// owners when a VPS moves.
/// </summary>
internal static class IdMap
{
    /// <summary>What Debian gives the first user of a machine in <c>/etc/subuid</c>.</summary>
    public const int First = 100_000;
    public const int Count = 65_536;

    private static readonly string[] Files = ["/etc/subuid", "/etc/subgid"];

    /// <summary>Why root may not use the range; null: it may. <c>newuidmap</c>, which LXC calls where it is installed, asks these files for root too.</summary>
    public static string? Fault(Func<string, string?> read) => Files.FirstOrDefault(file => !Grants(read(file))) is { } missing
        ? $"{missing} does not give root the ids that VPSes run with. Add the line: root:{First}:{Count}"
        : null;

    private static bool Grants(string? text) => text is not null && text.Split('\n').Select(static line => line.Trim().Split(':')).Any(static fields =>
        fields is ["root" or "0", var start, var count] && long.TryParse(start, out var first) && long.TryParse(count, out var number) && first <= First && first + number >= First + Count);
}
