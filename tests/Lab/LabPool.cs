namespace VpsAdmin.Lab;

/// <summary>A pool of the lab; disposing destroys it with all that is in it.</summary>
public sealed class LabPool : IAsyncDisposable
{
    private bool _disposed;

    internal LabPool(string name, string mountpoint)
    {
        Name = name;
        Mountpoint = mountpoint;
    }

    public string Name { get; }

    /// <summary>Folder where the pool's root filesystem is mounted.</summary>
    public string Mountpoint { get; }

    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        var (result, _) = await ZfsLab.RunAsync(CancellationToken.None, "drop", Name).ConfigureAwait(false);
        ZfsLab.Require(result, "drop");
    }
}
