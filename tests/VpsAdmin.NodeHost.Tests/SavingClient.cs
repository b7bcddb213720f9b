using System.Security.Cryptography;
using VpsAdmin.Client;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A process with the module that saves an export while that is still being made.</summary>
internal sealed class SavingClient : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-saving-").FullName;
    private readonly Task _saving;

    private SavingClient(ManyServers many, string server, Snapshot snapshot) =>
        _saving = many.ScriptAsync(server, $"$null = Save-VpsSnapshot {snapshot.Id} '{FilePath}' -Format Stream -KeepOnServer");

    private string FilePath => Path.Combine(_folder, "file");

    /// <summary>Begins, and returns when the first bytes are here.</summary>
    public static async Task<SavingClient> BeginAsync(ManyServers many, string server, Snapshot snapshot, CancellationToken cancel)
    {
        var client = new SavingClient(many, server, snapshot);
        try
        {
            await client.UntilAsync(() => new FileInfo(client.FilePath + ".part") is { Exists: true, Length: > 0 }, cancel);
            return client;
        }
        catch
        {
            client.Dispose();
            throw;
        }
    }

    /// <summary>Waits for what nobody announces; fails where the client has.</summary>
    public async Task UntilAsync(Func<bool> condition, CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!condition())
        {
            if (_saving.IsFaulted)
                await _saving;
            await look.WaitForNextTickAsync(cancel);
        }
    }

    /// <summary>Waits for its end: it has the whole file.</summary>
    public async Task RequireFileAsync(SnapshotDownload download, CancellationToken cancel)
    {
        await _saving.WaitAsync(cancel);
        Assert.Equal((true, download.Sha256), (download.Ready, Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(FilePath, cancel)))));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
