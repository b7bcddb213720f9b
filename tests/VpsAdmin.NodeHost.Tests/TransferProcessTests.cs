using System.Text.Json.Nodes;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A dataset on one node that is a process of its own, and its backup on another one.</summary>
public sealed class TransferProcessTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_for_backups_gets_them_from_another_one_full_and_then_by_what_is_new()
    {
        cluster.Require();
        await using var vault = await cluster.StartVaultAsync();
        await using var node = await cluster.StartNodeAsync();
        Assert.Equal("backup", (string?)(await PoolsAsync()).Single(p => (string?)p["filesystem"] == cluster.Vault)["role"]);
        var (vps, one) = await cluster.CreateVpsAsync();
        var branch = $"{cluster.Vault}/{vps.Dataset!.Label}/tree.0/branch-{one.Name}.0";
        await ArrivedAsync(branch, one.Name);

        var (snapshot, state) = await cluster.Admin.CreateSnapshotAsync(vps.Dataset.Id, null, Cancel);
        await cluster.Admin.WaitAsync(state, null, Cancel);
        var two = await cluster.Admin.GetSnapshotAsync(vps.Dataset.Id, snapshot.Id, Cancel);
        await ArrivedAsync(branch, two.Name);
        await SameAsync($"{cluster.Filesystem}/{vps.Dataset.Label}", branch);
    }

    [Fact]
    public async Task A_backup_goes_on_from_the_node_that_a_vps_has_moved_to()
    {
        cluster.Require();
        await using var vault = await cluster.StartVaultAsync();
        await using var node = await cluster.StartNodeAsync();
        var (vps, one) = await cluster.CreateVpsAsync();
        var (backup, branch) = ($"{cluster.Vault}/{vps.Dataset!.Label}", $"{cluster.Vault}/{vps.Dataset.Label}/tree.0/branch-{one.Name}.0");
        await ArrivedAsync(branch, one.Name);
        var guid = (await cluster.Zfs.GetSnapshotAsync(new(branch, one.Name), Cancel)).Guid;

        var near = (await cluster.Admin.Api.CallAsync("node#index", [], null, null, Cancel)).List.Single(static n => (string?)n["domain_name"] == "node1.example.org");
        var move = await cluster.Admin.Api.CallAsync("vps#migrate", [vps.Id], new JsonObject { ["node"] = (long)near["id"]! }, null, Cancel);
        await cluster.Admin.WaitAsync(move.ActionStateId, null, Cancel);
        var (snapshot, state) = await cluster.Admin.CreateSnapshotAsync(vps.Dataset.Id, null, Cancel);
        await cluster.Admin.WaitAsync(state, null, Cancel);

        await ArrivedAsync(branch, (await cluster.Admin.GetSnapshotAsync(vps.Dataset.Id, snapshot.Id, Cancel)).Name);
        await SameAsync($"{cluster.NearFilesystem}/{vps.Dataset.Label}", branch);
        // On top of what it had: nothing was sent anew, into another branch or tree.
        Assert.Equal(guid, (await cluster.Zfs.GetSnapshotAsync(new(branch, one.Name), Cancel)).Guid);
        Assert.Equal([backup, backup + "/tree.0", branch], (await cluster.Zfs.ListFilesystemsAsync(backup, depth: null, Cancel)).Select(static f => f.Name));
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task A_sending_node_that_goes_in_the_middle_goes_on_when_it_is_back(string signal)
    {
        cluster.Require();
        using var zfs = await GatedZfs.CreateAsync(Cancel);
        await using var vault = await cluster.StartVaultAsync();
        string dataset, snapshot;
        await using (var node = await cluster.StartNodeAsync(zfs.Folder))
        {
            var (vps, taken) = await cluster.CreateVpsAsync();
            (dataset, snapshot) = (vps.Dataset!.Label!, taken.Name);
            await zfs.WaitingAsync(Cancel);
            await node.SignalAsync(signal);
            await node.EndAsync(Cancel);
        }
        zfs.Open();
        await using var again = await cluster.StartNodeAsync(zfs.Folder);
        var branch = $"{cluster.Vault}/{dataset}/tree.0/branch-{snapshot}.0";
        await ArrivedAsync(branch, snapshot);
        await SameAsync($"{cluster.Filesystem}/{dataset}", branch);
    }

    [Fact]
    public async Task A_receiving_node_that_is_killed_in_the_middle_is_found_again_by_the_sender()
    {
        cluster.Require();
        using var zfs = await GatedZfs.CreateAsync(Cancel);
        await using var node = await cluster.StartNodeAsync(zfs.Folder);
        string dataset, snapshot;
        await using (var vault = await cluster.StartVaultAsync())
        {
            var (vps, taken) = await cluster.CreateVpsAsync();
            (dataset, snapshot) = (vps.Dataset!.Label!, taken.Name);
            // The receiver has its zfs receive open by then, or is about to: it gets the first byte when the gate opens.
            await zfs.WaitingAsync(Cancel);
            await vault.SignalAsync("KILL");
            await vault.EndAsync(Cancel);
        }
        zfs.Open();
        await using var again = await cluster.StartVaultAsync();
        var branch = $"{cluster.Vault}/{dataset}/tree.0/branch-{snapshot}.0";
        await ArrivedAsync(branch, snapshot);
        await SameAsync($"{cluster.Filesystem}/{dataset}", branch);
        // By the chain that had begun: none was undone.
        var chains = (await cluster.Admin.Api.CallAsync("transaction_chain#index", [], new JsonObject { ["limit"] = 100 }, null, Cancel)).List;
        Assert.DoesNotContain(chains, static c => (string?)c["state"] is "failed" or "fatal" && (string?)c["name"] is "backup");
    }

    private async Task<IReadOnlyList<JsonObject>> PoolsAsync() => (await cluster.Admin.Api.CallAsync("pool#index", [], null, null, Cancel)).List;

    /// <summary>Waits until a backup has a snapshot, and the chain that brought it has ended.</summary>
    private async Task ArrivedAsync(string branch, string snapshot)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(500));
        while (!await cluster.Zfs.ExistsAsync($"{branch}@{snapshot}", Cancel) || await IsBackingUpAsync())
            await look.WaitForNextTickAsync(Cancel);
    }

    private async Task<bool> IsBackingUpAsync() =>
        (await cluster.Admin.Api.CallAsync("transaction_chain#index", [], new JsonObject { ["limit"] = 100 }, null, Cancel)).List
            .Any(static c => (string?)c["name"] is "backup" && (string?)c["state"] is "staged" or "queued" or "rollbacking");

    private async Task SameAsync(string source, string target) => Assert.Equal(
        (await cluster.Zfs.ListSnapshotsAsync(source, 0, Cancel)).Select(static s => (s.Name.Name, s.Guid)),
        (await cluster.Zfs.ListSnapshotsAsync(target, 0, Cancel)).Select(static s => (s.Name.Name, s.Guid)));
}
