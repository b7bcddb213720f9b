using System.Security.Cryptography;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>Server, broker and node as three processes.</summary>
public sealed class NodeProcessTests(Cluster cluster) : IClassFixture<Cluster>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Datasets_of_a_node_of_its_own_are_worked_on_there_and_it_serves_their_exports()
    {
        cluster.Require();
        await using var node = await cluster.StartNodeAsync();
        var (vps, snapshot) = await cluster.CreateVpsAsync();
        Assert.True(await cluster.Zfs.ExistsAsync($"{cluster.Filesystem}/{vps.Dataset!.Label}@{snapshot.Name}", Cancel));

        var download = await ExportAsync(snapshot.Id);
        var at = node.Output.Split('\n').Single(static l => l.Contains("downloads are at", StringComparison.Ordinal)).Split(' ')[^1];
        Assert.StartsWith($"{at}/download/{Cluster.NodeName}/", download.Url.AbsoluteUri, StringComparison.Ordinal);
        await RequireFileAsync(download);

        var removal = await cluster.Admin.Api.CallAsync("snapshot_download#delete", [download.Id], null, null, Cancel);
        await cluster.Admin.WaitAsync(removal.ActionStateId, null, Cancel);
        using var http = new HttpClient();
        Assert.Equal(System.Net.HttpStatusCode.NotFound, (await http.GetAsync(download.Url, Cancel)).StatusCode);
    }

    [Theory]
    [InlineData("KILL")]
    [InlineData("TERM")]
    public async Task A_node_that_goes_in_the_middle_of_an_export_finishes_it_when_it_is_back(string signal)
    {
        cluster.Require();
        using var zfs = await GatedZfs.CreateAsync(Cancel);
        long? chain;
        SnapshotDownload download;
        await using (var node = await cluster.StartNodeAsync(zfs.Folder))
        {
            var (_, snapshot) = await cluster.CreateVpsAsync();
            (download, chain) = await cluster.Admin.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Stream, sendMail: false, Cancel);
            await zfs.WaitingAsync(Cancel);
            await node.SignalAsync(signal);
            Assert.Equal(signal is "TERM" ? 0 : 137, await node.EndAsync(Cancel));
        }
        Assert.False((await cluster.Admin.GetDownloadAsync(download.Id, Cancel)).Ready);

        zfs.Open();
        await using var again = await cluster.StartNodeAsync(zfs.Folder);
        await cluster.Admin.WaitAsync(chain, null, Cancel);
        await RequireFileAsync(await cluster.Admin.GetDownloadAsync(download.Id, Cancel));
    }

    [Fact]
    public async Task What_datasets_occupy_on_a_node_is_told_by_the_server()
    {
        cluster.Require();
        await using var node = await cluster.StartNodeAsync();
        var (vps, _) = await cluster.CreateVpsAsync();

        // The node says it every quarter of a minute, and nobody announces it to clients.
        using var look = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while ((await cluster.Admin.Api.CallAsync("dataset#show", [vps.Dataset!.Id], null, null, Cancel)).Object["referenced"] is not { } referenced || (long)referenced < 1)
            await look.WaitForNextTickAsync(Cancel);
    }

    [Fact]
    public async Task Whether_a_node_is_there_is_told_by_the_status()
    {
        cluster.Require();
        await using var node = await cluster.StartNodeAsync();
        // The node says it soon after its start, and nobody announces it here.
        using var look = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (!(await StatusAsync()).Contains($"Node 2: {Cluster.NodeName}, there, pools: 1\n", StringComparison.Ordinal))
            await look.WaitForNextTickAsync(Cancel);

        async Task<string> StatusAsync()
        {
            var (status, output, error) = await ChildProgram.RunAsync("vpsadmin-server", Cancel, "status", "--data", cluster.Data, "--nats", cluster.BrokerUrl);
            Assert.Equal((0, ""), (status, error));
            return output + "\n";
        }
    }

    [Fact]
    public async Task An_export_that_is_called_off_is_stopped_on_its_node_and_leaves_nothing()
    {
        cluster.Require();
        using var zfs = await GatedZfs.CreateAsync(Cancel);
        await using var node = await cluster.StartNodeAsync(zfs.Folder);
        var (_, snapshot) = await cluster.CreateVpsAsync();
        var (download, chain) = await cluster.Admin.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Stream, sendMail: false, Cancel);
        await zfs.WaitingAsync(Cancel);

        await cluster.Admin.Api.CallAsync("action_state#cancel", [chain!.Value], null, null, Cancel);

        await Assert.ThrowsAnyAsync<Exception>(() => cluster.Admin.WaitAsync(chain, null, Cancel));
        var ended = (await cluster.Admin.Api.CallAsync("transaction_chain#show", [chain.Value], null, null, Cancel)).Object;
        Assert.Equal(("failed", 0), ((string?)ended["state"], (int)ended["progress"]!));
        Assert.DoesNotContain(await cluster.Admin.GetDownloadsAsync(snapshot.Id, Cancel), d => d.Id == download.Id);
        var area = (await cluster.Zfs.GetFilesystemAsync($"{cluster.Filesystem}/vpsadmin/download", Cancel)).Mountpoint!;
        Assert.DoesNotContain(Directory.EnumerateFileSystemEntries(area), folder => download.Url.AbsolutePath.Contains(Path.GetFileName(folder), StringComparison.Ordinal));

        // The node is free for the next one.
        zfs.Open();
        var again = await ExportAsync(snapshot.Id);
        await RequireFileAsync(again);
    }

    [Fact]
    public async Task A_node_that_nobody_added_is_told_how_to_be_added()
    {
        cluster.Require();
        var (status, output, _) = await ChildProgram.RunAsync(
            "vpsadmin-node", Cancel, "serve", "--name", "stranger.example.org", "--pool", cluster.Filesystem, "--nats", cluster.BrokerUrl, "--urls", "http://127.0.0.1:0");
        Assert.Equal(1, status);
        Assert.Contains("vpsadmin-server node add stranger.example.org", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_node_without_LXC_does_storage_and_says_so()
    {
        cluster.Require();
        // Else there is another reason why it runs none.
        Assert.SkipWhen(await LxcLab.ReasonAsync() is not null, "This machine has no LXC to be without.");
        await using var node = await cluster.StartNodeWithoutAsync(OwnedProcess.Locate("lxc-start")!);
        const string reason = "There is no program lxc-start; Debian has it in the package lxc.";
        Assert.Contains("The node does storage and no VPSes: " + reason, node.Output, StringComparison.Ordinal);

        var (vps, snapshot) = await cluster.CreateVpsAsync();
        Assert.True(await cluster.Zfs.ExistsAsync($"{cluster.Filesystem}/{vps.Dataset!.Label}@{snapshot.Name}", Cancel));
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => cluster.Admin.CreateVpsAsync("vps.example.org", new VpsCreationOptions(vps.Node!.Id, Template: "busybox"), Cancel));
        Assert.EndsWith($"node {Cluster.NodeName} does not run VPSes: {reason}", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_pool_that_is_not_there_is_refused_before_anything_begins()
    {
        cluster.Require();
        var (status, _, error) = await ChildProgram.RunAsync(
            "vpsadmin-node", Cancel, "serve", "--name", Cluster.NodeName, "--pool", "nosuch/vps", "--nats", cluster.BrokerUrl, "--urls", "http://127.0.0.1:0");
        Assert.Equal(2, status);
        Assert.Contains("there is no filesystem 'nosuch/vps' on this machine", error, StringComparison.Ordinal);
    }

    private async Task<SnapshotDownload> ExportAsync(long snapshotId)
    {
        var (download, state) = await cluster.Admin.CreateDownloadAsync(snapshotId, null, ExportFormat.Stream, sendMail: false, Cancel);
        await cluster.Admin.WaitAsync(state, null, Cancel);
        return await cluster.Admin.GetDownloadAsync(download.Id, Cancel);
    }

    internal static async Task RequireFileAsync(SnapshotDownload download)
    {
        Assert.True(download.Ready);
        using var http = new HttpClient();
        Assert.Equal(download.Sha256, Convert.ToHexStringLower(SHA256.HashData(await http.GetByteArrayAsync(download.Url, Cancel))));
    }
}
