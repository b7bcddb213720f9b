using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>A pool of the lab; disposing destroys it with all that is in it.</summary>
public sealed class LabPool : IAsyncDisposable
{
    private const int MostTries = 40;

    private bool _disposed;

    internal LabPool(string name, string mountpoint)
    {
        Name = name;
        Mountpoint = mountpoint;
    }

    public string Name { get; }

    /// <summary>Folder where the pool's root filesystem is mounted.</summary>
    public string Mountpoint { get; }

    /// <summary>
    /// Takes filesystems of a test away before their pool, so that hundreds of tests do not run among the mounts of all the others: PowerShell's engine looks at all mounts at each
    /// start. What is busy for long goes with the pool.
    /// </summary>
    public static async Task RemoveAsync(string filesystem)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        for (var tries = 1; tries < MostTries && await IsBusyAsync(filesystem).ConfigureAwait(false); tries++)
            await tick.WaitForNextTickAsync(CancellationToken.None).ConfigureAwait(false);
    }

    /// <summary>Destroys it. What zfs-fuse has unmounted by force it calls busy until the kernel has let it go.</summary>
    private static async Task<bool> IsBusyAsync(string filesystem)
    {
        var destroy = OwnedProcess.Start(new ProcessSpec("zfs", ["destroy", "-R", "-f", filesystem]));
        await using var _ = destroy.ConfigureAwait(false);
        return (await destroy.Completion.ConfigureAwait(false)).StandardError.Contains("busy", StringComparison.Ordinal);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        var (result, _) = await ZfsLab.RunAsync(CancellationToken.None, "drop", Name).ConfigureAwait(false);
        ZfsLab.Require(result, "drop");
    }
}
