using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

/// <summary>The node trusts no name. The zfs of these tests cannot be started: whatever passed the checks would fail with other words.</summary>
public sealed class HostileInputTests : IAsyncDisposable
{
    private static readonly string Key = new('a', 100);
    private readonly TestNode _node = new(new ZfsHost(new ZfsHostOptions(Program: "/nonexistent/zfs")), "tank/vps", "/nonexistent");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _node.DisposeAsync();

    [Theory]
    [InlineData("tank/vps", "../backup")]
    [InlineData("tank/vps", "101/..")]
    [InlineData("tank/vps", "")]
    [InlineData("tank/vps", "/101")]
    [InlineData("tank/vps", "101/")]
    [InlineData("tank/vps", "101@snapshot")]
    [InlineData("tank/vps", "101;reboot")]
    [InlineData("tank/vps", "101\n102")]
    [InlineData("-r", "101")]
    [InlineData("", "101")]
    [InlineData("tank/", "101")]
    [InlineData("tank/../vps", "101")]
    public async Task A_name_that_is_no_dataset_is_refused(string filesystem, string dataset)
    {
        TransactionMessage[] messages =
        [
            _node.Message(TransactionType.CreateDataset, new CreateDatasetInput(filesystem, dataset, null)),
            _node.Message(TransactionType.DestroyDataset, new DestroyDatasetInput(filesystem, dataset)),
            _node.Message(TransactionType.CreateSnapshot, new CreateSnapshotInput(filesystem, dataset)),
            _node.Message(TransactionType.DestroySnapshot, new DestroySnapshotInput(filesystem, dataset, "s")),
        ];
        foreach (var message in messages)
        {
            await RefusedAsync(message, "is not a name of a");
            await RefusedAsync(message with { Rollback = true, Queue = "rollback" }, "is not a name of a");
        }
        await RefusedAsync(_node.Message(TransactionType.DownloadSnapshot, Download(filesystem, dataset)), "is not a name of a");
    }

    [Theory]
    [InlineData("vpsadmin")]
    [InlineData("vpsadmin/download")]
    public async Task VpsAdmins_own_datasets_are_nobodys_to_destroy(string dataset) =>
        await RefusedAsync(_node.Message(TransactionType.DestroyDataset, new DestroyDatasetInput("tank/vps", dataset)), "own");

    [Theory]
    [InlineData("a@b")]
    [InlineData("a/b")]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a%b")]
    public async Task A_name_that_is_no_snapshot_is_refused(string snapshot)
    {
        await RefusedAsync(
            _node.Message(TransactionType.DestroySnapshot, new DestroySnapshotInput("tank/vps", "101", snapshot)), "is not a name of a ZFS snapshot");
        await RefusedAsync(
            _node.Message(TransactionType.DownloadSnapshot, Download("tank/vps", "101") with { Format = "incremental_stream", FromSnapshot = snapshot }),
            "is not a name of a ZFS snapshot");
    }

    [Theory]
    [InlineData("../../../etc/cron.d/x")]
    [InlineData("a/b")]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData(".htaccess")]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task A_file_name_that_leads_elsewhere_is_refused(string fileName)
    {
        await RefusedAsync(_node.Message(TransactionType.DownloadSnapshot, Download("tank/vps", "101") with { FileName = fileName }), "not a name of a download");
        await RefusedAsync(_node.Message(TransactionType.RemoveDownload, new RemoveDownloadInput("tank/vps", Key, fileName)), "not a name of a download");
    }

    [Fact]
    public async Task A_secret_key_that_leads_elsewhere_is_refused_and_not_repeated()
    {
        foreach (var key in new[] { "..", new string('a', 99), new string('A', 100), "../" + new string('a', 97), "" })
        {
            var finished = await RefusedAsync(
                _node.Message(TransactionType.RemoveDownload, new RemoveDownloadInput("tank/vps", key, "f")), "hexadecimal digits");
            Assert.True(key.Length == 0 || !finished.Error!.Contains($"'{key}'", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("tarball", null)]
    [InlineData("stream", "2016-06-12T23:00:01")]
    [InlineData("incremental_stream", null)]
    public async Task A_format_that_does_not_fit_its_base_is_refused(string format, string? from) =>
        await RefusedAsync(
            _node.Message(TransactionType.DownloadSnapshot, Download("tank/vps", "101") with { Format = format, FromSnapshot = from }),
            format == "tarball" ? "not a format" : "incremental");

    private static DownloadSnapshotInput Download(string filesystem, string dataset) =>
        new(filesystem, dataset, "s", FromSnapshot: null, "stream", Key, "file.dat.gz", DownloadId: 1);

    private async Task<TransactionFinished> RefusedAsync(TransactionMessage message, string words)
    {
        var finished = await _node.RunAsync(message, Cancel);
        Assert.False(finished.Success);
        Assert.Contains(words, finished.Error, StringComparison.Ordinal);
        return finished;
    }
}
