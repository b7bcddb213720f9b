using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>Debian's Chromium, for tests of pages.</summary>
/// <param name="Path">The program; null: there is none.</param>
/// <param name="Reason">Why there is none; null when there is one.</param>
public sealed record Chromium(string? Path, string? Reason)
{
    private const string Program = "chromium";

    /// <summary>Such that it runs as root in a container, and asks nobody on the network anything by itself.</summary>
    public static IReadOnlyList<string> Arguments { get; } =
    [
        "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    ];

    /// <summary>Never throws for want of a browser; may take minutes when it must be installed first.</summary>
    public static async Task<Chromium> FindAsync(CancellationToken cancel) =>
        await DebianPackages.EnsureAsync([Program], [Program], cancel).ConfigureAwait(false) is { } reason ? new(null, reason) : new(OwnedProcess.Locate(Program), null);
}
