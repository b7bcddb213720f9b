using System.Globalization;

namespace VpsAdmin.Server.Chains;

internal enum ChainNewsKind
{
    /// <summary>A chain was built.</summary>
    Started,

    /// <summary>A chain was called off: what undoes it waits to be handed out.</summary>
    CalledOff,

    /// <summary>A chain, or a migration plan.</summary>
    Changed,
    ExportEnded,
}

/// <summary>What one server tells the others that share its database.</summary>
/// <param name="Teller">The server, which need not be told.</param>
/// <param name="ChainId">0: of none.</param>
internal sealed record ChainNews(string Teller, ChainNewsKind Kind, long ChainId)
{
    /// <summary>Of PostgreSQL's notifications.</summary>
    public const string Channel = "vpsadmin_chains";

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Teller} {Kind} {ChainId}");

    /// <returns>Null: it is of another version of the server.</returns>
    public static ChainNews? Parse(string text) =>
        text.Split(' ') is [var teller, var kind, var id, ..] && Enum.TryParse<ChainNewsKind>(kind, out var known) && Enum.IsDefined(known)
            && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var chain) ? new(teller, known, chain) : null;
}
