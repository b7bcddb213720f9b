using VpsAdmin.Client;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Backups;

/// <summary>Backups, histories and increments on a real ZFS, through the API.</summary>
public sealed class RealBackupTests(RealServer server) : IClassFixture<RealServer>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_rollback_with_a_backup_splits_the_history_and_both_parts_can_be_exported()
    {
        server.Require();
        var dataset = (await server.CreateVpsAsync()).Dataset!;
        var folder = await server.FolderAsync(dataset.Label!);
        var taken = new List<Snapshot>();
        foreach (var text in new[] { "one", "two", "three", "four" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "file"), text, Cancel);
            taken.Add(await server.TakeSnapshotAsync(dataset.Id));
            if (text is "two")
                await server.BackUpAsync(dataset.Id);
        }

        await server.RollBackAsync(taken[1]);
        Assert.Equal("two", await File.ReadAllTextAsync(Path.Combine(folder, "file"), Cancel));
        Assert.Equal([(taken[0].Name, 1), (taken[1].Name, 1), (taken[2].Name, 0), (taken[3].Name, 0)], await server.HistoriesAsync(dataset.Id));
        Assert.Equal(1, await server.CurrentHistoryAsync(dataset.Id));
        Assert.Equal([taken[0].Name, taken[1].Name], await OnPoolAsync($"{server.Filesystem}/{dataset.Label}"));
        Assert.Equal([taken[2].Name, taken[3].Name], await OnPoolAsync($"{server.Backup}/{dataset.Label}/tree.0/branch-{taken[0].Name}.0"));

        // The history goes on, and the next backup with it.
        await File.WriteAllTextAsync(Path.Combine(folder, "file"), "five", Cancel);
        var five = await server.TakeSnapshotAsync(dataset.Id);
        await server.BackUpAsync(dataset.Id);
        Assert.Equal([taken[0].Name, taken[1].Name, five.Name], await OnPoolAsync($"{server.Backup}/{dataset.Label}/tree.0/branch-{taken[1].Name}.0"));

        // Both ends in one branch: an increment of either history.
        Assert.True((await server.ExportAsync(five.Id, ExportFormat.IncrementalStream, taken[0].Id)).Ready);
        var left = await server.ExportAsync(taken[3].Id, ExportFormat.IncrementalStream, taken[2].Id);
        Assert.Contains($"/{server.Installation.Backups[0].PoolId}/", left.Url.AbsolutePath, StringComparison.Ordinal);
        using var http = new HttpClient();
        var bytes = await http.GetByteArrayAsync(left.Url, Cancel);
        Assert.Equal(left.Sha256, Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(bytes)));
    }

    [Fact]
    public async Task A_snapshot_that_only_the_backup_has_comes_back()
    {
        server.Require();
        var dataset = (await server.CreateVpsAsync()).Dataset!;
        var folder = await server.FolderAsync(dataset.Label!);
        var taken = new List<Snapshot>();
        foreach (var text in new[] { "one", "two", "three" })
        {
            await File.WriteAllTextAsync(Path.Combine(folder, "file"), text, Cancel);
            taken.Add(await server.TakeSnapshotAsync(dataset.Id));
        }
        await server.BackUpAsync(dataset.Id);
        await server.RollBackAsync(taken[0]);

        await server.RollBackAsync(taken[2]);
        Assert.Equal("three", await File.ReadAllTextAsync(Path.Combine(folder, "file"), Cancel));
        Assert.Equal([(taken[0].Name, 1), (taken[1].Name, 2), (taken[2].Name, 2)], await server.HistoriesAsync(dataset.Id));
        Assert.Equal(2, await server.CurrentHistoryAsync(dataset.Id));

        var four = await server.TakeSnapshotAsync(dataset.Id);
        await server.BackUpAsync(dataset.Id);
        Assert.Equal([taken[1].Name, taken[2].Name, four.Name], await OnPoolAsync($"{server.Backup}/{dataset.Label}/tree.0/branch-{taken[0].Name}.0"));
    }

    [Fact]
    public async Task An_increment_whose_base_alone_is_backed_up_is_transferred_first()
    {
        server.Require();
        var dataset = (await server.CreateVpsAsync()).Dataset!;
        var one = await server.TakeSnapshotAsync(dataset.Id);
        await server.BackUpAsync(dataset.Id);
        var two = await server.TakeSnapshotAsync(dataset.Id);

        var export = await server.ExportAsync(two.Id, ExportFormat.IncrementalStream, one.Id);
        Assert.Contains($"/{server.Installation.Backups[0].PoolId}/", export.Url.AbsolutePath, StringComparison.Ordinal);
        Assert.Equal([one.Name, two.Name], await OnPoolAsync($"{server.Backup}/{dataset.Label}/tree.0/branch-{one.Name}.0"));
    }

    private async Task<IEnumerable<string>> OnPoolAsync(string dataset) =>
        (await server.Zfs.ListSnapshotsAsync(dataset, depth: 0, Cancel)).Select(static s => s.Name.Name);
}
