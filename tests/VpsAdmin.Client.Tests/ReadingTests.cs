using VpsAdmin.HaveApi;
using VpsAdmin.Scripted;
using static VpsAdmin.Client.Tests.Connected;

namespace VpsAdmin.Client.Tests;

public sealed class ReadingTests
{
    private static readonly Reference Jane = new(3, "jane");
    private static readonly Reference Node1 = new(101, "node1.prg");

    [Fact]
    public async Task A_user_is_read()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/users/current", $$$"""{"user":{{{Replies.User}}},"_meta":{}}""");

        Assert.Equal(new User(3, "jane", "Jane Doe", 1), await it.Client.GetCurrentUserAsync(Cancel));
    }

    [Fact]
    public async Task Nodes_are_read()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/nodes", $$$"""{"nodes":[{{{Replies.Node}}}],"_meta":{}}""");

        Assert.Equal([new Node(101, "node1", "node1.prg")], await it.Client.GetNodesAsync(Cancel));
    }

    [Fact]
    public async Task Pools_are_read_also_as_members_see_them()
    {
        await using var it = (await ToNewAsync()).On(
            "GET /v7.0/pools", $$"""{"pools":[{{Replies.Pool}},{"id":5,"node":null,"name":"tank","role":"backup","state":"online"}]}""");

        Assert.Equal(
            [new Pool(4, Node1, "Fast", "tank/ct", "hypervisor"), new Pool(5, null, "tank", null, "backup")],
            await it.Client.GetPoolsAsync(Cancel));
    }

    [Fact]
    public async Task Vpses_are_read()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/vpses", $$"""{"vpses":[{{Replies.Vps}}]}""").On("GET /v7.0/vpses/12", $$"""{"vps":{{Replies.Vps}}}""");
        var expected = new Vps(12, "web", Jane, Node1, new Reference(5, "12"), true, "active");

        Assert.Equal([expected], await it.Client.GetVpsesAsync(Cancel));
        Assert.Equal(expected, await it.Client.GetVpsAsync(12, Cancel));
    }

    [Fact]
    public async Task What_a_vps_is_doing_is_read()
    {
        await using var it = (await ToNewAsync()).On(
            "GET /v7.0/vpses/12", """{"vps":{"id":12,"is_running":true,"template":"debian","uptime":90061,"process_count":7,"used_memory":55}}""");
        var vps = await it.Client.GetVpsAsync(12, Cancel);
        Assert.Equal(("debian", new TimeSpan(1, 1, 1, 1), 7, 55), (vps.Template, vps.Uptime!.Value, vps.ProcessCount, vps.UsedMemoryMiB));
    }

    [Fact]
    public async Task Datasets_are_read()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets", $$"""{"datasets":[{{Replies.Dataset}}]}""")
            .On("GET /v7.0/datasets/6", $$"""{"dataset":{{Replies.Dataset}}}""");
        var expected = new Dataset(6, "12/var/www", new Reference(5, "12"), Jane, 2, 1024, 512, 99000);

        Assert.Equal([expected], await it.Client.GetDatasetsAsync(null, Cancel));
        Assert.Equal(expected, await it.Client.GetDatasetAsync(6, Cancel));
    }

    [Fact]
    public async Task A_snapshot_is_read()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets/6/snapshots/41", $$"""{"snapshot":{{Replies.Snapshot}}}""");

        var snapshot = await it.Client.GetSnapshotAsync(6, 41, Cancel);

        Assert.Equal(
            new Snapshot(41, 6, "12/var/www", "2026-03-02T00:00:00", new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero), 2, "before the upgrade"),
            snapshot);
        Assert.True(snapshot.IsConfirmed);
    }

    [Fact]
    public async Task A_snapshot_with_a_provisional_name_is_not_confirmed()
    {
        var provisional = Replies.With(Replies.Snapshot, "name", "\"2026-03-02T00:00:00 (unconfirmed)\"");
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets/6/snapshots/41", $$"""{"snapshot":{{provisional}}}""");

        Assert.False((await it.Client.GetSnapshotAsync(6, 41, Cancel)).IsConfirmed);
    }

    [Fact]
    public async Task A_download_is_read()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/snapshot_downloads/7", $$"""{"snapshot_download":{{Replies.Download}}}""");

        Assert.Equal(
            new SnapshotDownload(
                7, Jane, new Reference(42, "2026-03-03 00:00:00 UTC"), new Reference(41, "2026-03-02 00:00:00 UTC"), ExportFormat.IncrementalStream,
                "12__a__b.inc.dat.gz", new Uri("https://download.example.org:8443/node1/4/key/12__a__b.inc.dat.gz?x=1"),
                300, Replies.Sha256, true, new DateTimeOffset(2026, 3, 10, 0, 0, 0, TimeSpan.Zero)),
            await it.Client.GetDownloadAsync(7, Cancel));
    }

    [Fact]
    public async Task A_download_that_has_just_been_asked_for_has_neither_size_nor_checksum()
    {
        var early = Replies.With(Replies.With(Replies.With(Replies.With(Replies.Download, "size", "null"), "sha256sum", "null"), "ready", "false"), "snapshot", "null");
        await using var it = (await ToNewAsync()).On("GET /v7.0/snapshot_downloads/7", $$"""{"snapshot_download":{{early}}}""");

        var download = await it.Client.GetDownloadAsync(7, Cancel);

        Assert.Equal((null, null, false, null), (download.SizeMiB, download.Sha256, download.Ready, download.Snapshot));
    }

    [Fact]
    public async Task A_checksum_is_lower_case()
    {
        var shouted = Replies.With(Replies.Download, "sha256sum", $"\"{Replies.Sha256.ToUpperInvariant()}\"");
        await using var it = (await ToNewAsync()).On("GET /v7.0/snapshot_downloads/7", $$"""{"snapshot_download":{{shouted}}}""");

        Assert.Equal(Replies.Sha256, (await it.Client.GetDownloadAsync(7, Cancel)).Sha256);
    }

    [Theory]
    [InlineData("archive", ExportFormat.Archive)]
    [InlineData("stream", ExportFormat.Stream)]
    [InlineData("incremental_stream", ExportFormat.IncrementalStream)]
    public async Task Formats_are_read(string name, ExportFormat format)
    {
        await using var it = (await ToNewAsync()).On(
            "GET /v7.0/snapshot_downloads/7", $$"""{"snapshot_download":{{Replies.With(Replies.Download, "format", $"\"{name}\"")}}}""");

        Assert.Equal(format, (await it.Client.GetDownloadAsync(7, Cancel)).Format);
    }

    [Fact]
    public async Task Chains_are_read()
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/transaction_chains", $$"""{"transaction_chains":[{{Replies.Chain}}]}""");

        Assert.Equal(
            [new TransactionChain(900, "download", "Download", "done", 3, 3, new DateTimeOffset(2026, 3, 2, 0, 0, 0, TimeSpan.Zero))],
            await it.Client.GetChainsAsync(10, Cancel));
        Assert.Equal(["GET /v7.0/transaction_chains?transaction_chain%5Blimit%5D=10"], it.Calls);
    }

    [Theory]
    [InlineData("id", "-6")]
    [InlineData("id", "0")]
    [InlineData("id", "\"6\"")]
    [InlineData("id", null)]
    [InlineData("name", "null")]
    [InlineData("name", "\"\"")]
    [InlineData("name", "\"a\\u0000b\"")]
    [InlineData("name", "[\"x\"]")]
    [InlineData("current_history_id", "-1")]
    [InlineData("current_history_id", "2147483648")]
    [InlineData("current_history_id", null)]
    [InlineData("used", "-1")]
    [InlineData("used", "9223372036854775807")]
    [InlineData("avail", "1.5")]
    [InlineData("user", "3")]
    [InlineData("parent", """{"id":-5,"name":"12"}""")]
    public async Task A_dataset_that_cannot_be_is_refused_by_field(string field, string? value)
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets/6", $$"""{"dataset":{{Replies.With(Replies.Dataset, field, value)}}}""");

        await RefusedAsync("dataset", field, () => it.Client.GetDatasetAsync(6, Cancel));
    }

    [Theory]
    [InlineData("id", "-41")]
    [InlineData("dataset", """{"id":7,"name":"13"}""")]
    [InlineData("name", "5")]
    [InlineData("created_at", "\"yesterday\"")]
    [InlineData("created_at", "null")]
    [InlineData("history_id", "\"2\"")]
    [InlineData("history_id", "-2")]
    public async Task A_snapshot_that_cannot_be_is_refused_by_field(string field, string? value)
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets/6/snapshots/41", $$"""{"snapshot":{{Replies.With(Replies.Snapshot, field, value)}}}""");

        await RefusedAsync("dataset.snapshot", field, () => it.Client.GetSnapshotAsync(6, 41, Cancel));
    }

    [Theory]
    [InlineData("id", "-7")]
    [InlineData("snapshot", "42")]
    [InlineData("format", "\"zip\"")]
    [InlineData("format", "null")]
    [InlineData("file_name", "\"\"")]
    [InlineData("url", "\"javascript:alert(1)\"")]
    [InlineData("url", "\"file:///etc/shadow\"")]
    [InlineData("url", "\"/node1/key/file\"")]
    [InlineData("url", "null")]
    [InlineData("size", "-1")]
    [InlineData("size", "\"300\"")]
    [InlineData("sha256sum", "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0\"")]
    [InlineData("sha256sum", "\"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a0g\"")]
    [InlineData("sha256sum", "5")]
    [InlineData("ready", "1")]
    [InlineData("ready", null)]
    [InlineData("expiration_date", "\"soon\"")]
    public async Task A_download_that_cannot_be_is_refused_by_field(string field, string? value)
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/snapshot_downloads/7", $$"""{"snapshot_download":{{Replies.With(Replies.Download, field, value)}}}""");

        await RefusedAsync("snapshot_download", field, () => it.Client.GetDownloadAsync(7, Cancel));
    }

    [Fact]
    public async Task A_long_file_name_is_refused()
    {
        var longName = Replies.With(Replies.Download, "file_name", $"\"{new string('x', 256)}\"");
        await using var it = (await ToNewAsync()).On("GET /v7.0/snapshot_downloads/7", $$"""{"snapshot_download":{{longName}}}""");

        await RefusedAsync("snapshot_download", "file_name", () => it.Client.GetDownloadAsync(7, Cancel));
    }

    [Theory]
    [InlineData("login", "null")]
    [InlineData("level", "\"admin\"")]
    public async Task A_user_that_cannot_be_is_refused_by_field(string field, string value)
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/users/current", $$"""{"user":{{Replies.With(Replies.User, field, value)}}}""");

        await RefusedAsync("user", field, () => it.Client.GetCurrentUserAsync(Cancel));
    }

    [Theory]
    [InlineData("""{"datasets":{}}""")]
    [InlineData("""{"datasets":[6]}""")]
    [InlineData("""{"dataset":[]}""")]
    [InlineData("null")]
    public async Task A_list_of_something_else_is_refused(string response)
    {
        await using var it = (await ToNewAsync()).On("GET /v7.0/datasets", response);

        await Assert.ThrowsAsync<ProtocolException>(() => it.Client.GetDatasetsAsync(null, Cancel));
    }

    private static async Task RefusedAsync(string resource, string field, Func<Task> call)
    {
        var e = await Assert.ThrowsAsync<ProtocolException>(call);
        Assert.StartsWith($"The server sent a {resource}", e.Message);
        Assert.Contains(field, e.Message);
    }
}
