using VpsAdmin.FaultServer;
using VpsAdmin.Lab;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.Faults.Tests.Killing;

/// <summary>A program that makes a backup on a real ZFS is killed at any moment, started again, killed again: all snapshots come, each once, none in halves.</summary>
public sealed class KilledBackupTests(LabFixture lab) : IAsyncLifetime
{
    private const int MostKills = 5;

    private static readonly string[] Names = ["2026-03-02T00:00:00", "2026-03-03T00:00:00", "2026-03-04T00:00:00"];

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-kill-").FullName;
    private readonly Random _random = new();
    private readonly ZfsHost _zfs = new();
    private readonly Dictionary<(string? From, string To), byte[]> _streams = [];
    private LabPool? _pool;
    private int _round;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Source => $"{_pool!.Name}/from";

    public async ValueTask InitializeAsync()
    {
        _pool = await lab.CreatePoolAsync("killed");
        await _zfs.CreateFilesystemAsync(Source, null, Cancel);
        foreach (var (index, name) in Names.Index())
        {
            var bytes = new byte[2_000_000];
            _random.NextBytes(bytes);
            await File.WriteAllBytesAsync(Path.Combine(_pool.Mountpoint, "from", $"file{index}"), bytes, Cancel);
            await _zfs.SnapshotAsync(new SnapshotName(Source, name), Cancel);
            foreach (var from in (string?[])[null, .. Names[..index]])
                _streams[(from, name)] = StreamBytes.Gzip(await SendAsync(from, name));
        }
    }

    [Fact]
    public async Task A_backup_has_no_snapshot_in_halves_after_any_kill_and_all_of_them_in_the_end()
    {
        for (var kills = 0; kills < Extent.ZfsKills;)
            kills += await RoundAsync(Math.Min(MostKills, Extent.ZfsKills - kills));
    }

    public async ValueTask DisposeAsync()
    {
        if (_pool is not null)
            await _pool.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    /// <returns>How many times it was killed: one that ended before its moment does not count.</returns>
    private async Task<int> RoundAsync(int kills)
    {
        await using var server = await FaultyVpsAdmin.StartAsync(Cancel);
        server.Api.Content = (to, from, _) => _streams.TryGetValue((from?.Name, to.Name), out var stream) ? (new ExportScript(from is null ? "stream" : "incremental_stream"), stream) : null;
        foreach (var name in Names)
            server.Api.AddSnapshot(name);
        server.EveryFile = static () => new FileFault(BytesPerSecond: 2_000_000);
        var target = $"{_pool!.Name}/to{_round++}";
        await _zfs.CreateFilesystemAsync(target, null, Cancel);

        var source = await SnapshotsAsync(Source);
        var full = _streams.Where(static s => s.Key.From is null).Min(static s => s.Value.Length);
        var done = 0;
        for (var start = 0; start < kills; start++)
        {
            var before = await SnapshotsAsync($"{target}/0");
            var made = server.Api.Ever.Count;
            var (sent, more) = (server.BytesSent, _random.Next(full * 2));
            await using (var shell = Start(server, target))
                done += await shell.KillAsync(() => server.BytesSent >= sent + more, Cancel) ? 1 : 0;
            await Eventually.TrueAsync(() => Processes.Naming($"{target}/0").Count == 0, Cancel);

            // What was there is there, what has come is the server's, and nobody began anew.
            var after = await SnapshotsAsync($"{target}/0");
            Assert.Equal(before, after.Take(before.Count));
            Assert.Empty(after.Except(source));
            if (before.Count > 0)
                Assert.DoesNotContain(server.Api.Ever.Skip(made), static d => d.Format == "stream");
        }

        server.Heal();
        await using (var shell = Start(server, target))
        {
            var (code, _, error) = await shell.EndAsync(Cancel);
            Assert.True(code == 0, error);
        }
        var there = await SnapshotsAsync($"{target}/0");
        Assert.Equal(source[^there.Count..], there);
        Assert.Contains(source[^1], there);
        Assert.Empty(server.Api.Downloads);
        return done;
    }

    private MortalShell Start(FaultyVpsAdmin server, string target) =>
        MortalShell.Start(_folder, server.Address, "Backup-VpsDataset $Rest[0] -Dataset ([long]$Rest[1]) -AsJson", target, $"{ApiFront.DatasetId}");

    private async Task<List<(string, ulong)>> SnapshotsAsync(string dataset) =>
        await _zfs.ExistsAsync(dataset, Cancel) ? [.. (await _zfs.ListSnapshotsAsync(dataset, 0, Cancel)).Select(static s => (s.Name.Name, s.Guid))] : [];

    private async Task<byte[]> SendAsync(string? from, string to)
    {
        await using var send = await _zfs.StartSendAsync(new SnapshotName(Source, to), from, Cancel);
        using var stream = new MemoryStream();
        await send.StandardOutput.CopyToAsync(stream, Cancel);
        Assert.Equal(0, (await send.Completion).ExitCode);
        return stream.ToArray();
    }
}
