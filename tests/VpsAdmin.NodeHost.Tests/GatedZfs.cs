namespace VpsAdmin.NodeHost.Tests;

/// <summary>A <c>zfs</c> one command of which waits until the gate is opened.</summary>
internal sealed class GatedZfs : IDisposable
{
    private GatedProgram _zfs = null!;

    private GatedZfs()
    {
    }

    /// <summary>To be the first in PATH.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("vpsadmin-gate-").FullName;

    /// <summary>What it was asked of that command, so far.</summary>
    public string[] Calls => _zfs.Calls;

    /// <param name="command">The one that waits.</param>
    /// <param name="at">Where it waits.</param>
    public static async Task<GatedZfs> CreateAsync(CancellationToken cancel, string command = "send", GateAt at = GateAt.Beginning)
    {
        var gated = new GatedZfs();
        gated._zfs = await GatedProgram.PlaceAsync(gated.Folder, "zfs", $"'{command} '*/*", cancel, at);
        return gated;
    }

    /// <summary>Completes when one waits at the gate.</summary>
    public Task WaitingAsync(CancellationToken cancel) => _zfs.WaitingAsync(cancel);

    /// <summary>Lets them pass from now on.</summary>
    public void Open() => _zfs.Open();

    public void Dispose() => Directory.Delete(Folder, recursive: true);
}
