using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Tests;

public sealed class EndToEndTests(RealServer server) : IClassFixture<RealServer>, IDisposable
{
    private readonly HttpClient _http = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => _http.Dispose();

    [Fact]
    public async Task A_vps_is_snapshotted_exported_in_all_formats_and_received_byte_for_byte()
    {
        server.Require();
        var vps = await server.CreateVpsAsync();
        Assert.Equal(vps.Id.ToString(System.Globalization.CultureInfo.InvariantCulture), vps.Dataset?.Label);
        var dataset = vps.Dataset!.Id;
        var folder = await server.FolderAsync(vps.Dataset.Label!);
        var first = await WriteAsync(folder, "first", 300_000);
        var one = await server.TakeSnapshotAsync(dataset, "before the update");
        var second = await WriteAsync(folder, "second", 200_000);
        var two = await server.TakeSnapshotAsync(dataset);
        var three = await server.TakeSnapshotAsync(dataset);
        Assert.Equal("before the update", one.Label);
        Assert.Equal(
            [one, two, three],
            await server.Admin.GetSnapshotsAsync(dataset, Cancel));

        var full = await DownloadAsync(await server.ExportAsync(one.Id, ExportFormat.Stream));
        var increment = await DownloadAsync(await server.ExportAsync(two.Id, ExportFormat.IncrementalStream, one.Id));
        var archive = await DownloadAsync(await server.ExportAsync(three.Id));

        var copy = $"{server.Pool}/copy";
        await server.ReceiveAsync(Gunzip(full), copy);
        await server.ReceiveAsync(Gunzip(increment), copy);
        var copyFolder = (await server.Zfs.GetFilesystemAsync(copy, Cancel)).Mountpoint!;
        Assert.Equal(first, await File.ReadAllBytesAsync(Path.Combine(copyFolder, "first"), Cancel));
        Assert.Equal(second, await File.ReadAllBytesAsync(Path.Combine(copyFolder, "second"), Cancel));

        await using var tar = new TarReader(Gunzip(archive));
        var files = new Dictionary<string, byte[]>();
        while (await tar.GetNextEntryAsync(copyData: true, Cancel) is { } entry)
        {
            if (entry.DataStream is { } data)
            {
                using var content = new MemoryStream();
                await data.CopyToAsync(content, Cancel);
                files[Path.GetFileName(entry.Name)] = content.ToArray();
            }
        }
        Assert.Equal(first, files["first"]);
        Assert.Equal(second, files["second"]);
    }

    [Fact]
    public async Task A_snapshot_is_named_by_its_utc_time_once_it_is_there()
    {
        server.Require();
        var vps = await server.CreateVpsAsync();
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        var snapshot = await server.TakeSnapshotAsync(vps.Dataset!.Id);
        Assert.True(snapshot.IsConfirmed);
        var named = DateTimeOffset.ParseExact(
            snapshot.Name, "yyyy-MM-dd'T'HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);
        Assert.InRange(named, before, DateTimeOffset.UtcNow);
        Assert.InRange(snapshot.CreatedAt, before, DateTimeOffset.UtcNow);
        Assert.True(await server.Zfs.ExistsAsync($"{server.Filesystem}/{vps.Dataset.Label}@{snapshot.Name}", Cancel));

        var (_, state) = await server.Admin.DeleteSnapshotAsync(vps.Dataset.Id, snapshot.Id, Cancel);
        await server.Admin.WaitAsync(state, null, Cancel);
        Assert.False(await server.Zfs.ExistsAsync($"{server.Filesystem}/{vps.Dataset.Label}@{snapshot.Name}", Cancel));
        Assert.Empty(await server.Admin.GetSnapshotsAsync(vps.Dataset.Id, Cancel));
        Assert.True((await Assert.ThrowsAsync<ActionFailedException>(() => server.Admin.GetSnapshotAsync(vps.Dataset.Id, snapshot.Id, Cancel))).IsNotFound);
    }

    [Fact]
    public async Task A_dataset_below_a_vps_is_found_by_the_vps_and_tells_what_it_occupies()
    {
        server.Require();
        var vps = await server.CreateVpsAsync();
        var (var, state) = await server.Admin.CreateDatasetAsync(vps.Dataset!.Id, "var", Cancel);
        await server.Admin.WaitAsync(state, null, Cancel);
        Assert.Equal($"{vps.Dataset.Label}/var", var.Name);
        Assert.True(await server.Zfs.ExistsAsync($"{server.Filesystem}/{var.Name}", Cancel));
        var found = await server.Admin.GetDatasetsAsync(vps.Id, Cancel);
        Assert.Equal([vps.Dataset.Label!, var.Name], found.Select(static d => d.Name));
        Assert.Equal(vps.Dataset.Id, found[1].Parent?.Id);
        Assert.All(found, static d => Assert.InRange(d.AvailableMiB!.Value, 1, 1024));
    }

    [Fact]
    public async Task A_quota_reaches_the_filesystem()
    {
        server.Require();
        var made = await server.Admin.Api.CallAsync("dataset#create", [], new System.Text.Json.Nodes.JsonObject { ["name"] = "small", ["quota"] = 64 }, null, Cancel);
        await server.Admin.WaitAsync(made.ActionStateId, null, Cancel);
        Assert.InRange((await server.Zfs.GetFilesystemAsync($"{server.Filesystem}/small", Cancel)).Available, 1, 64 << 20);
    }

    [Fact]
    public async Task A_dataset_is_changed_and_destroyed_with_its_backups()
    {
        server.Require();
        var made = await server.Admin.Api.CallAsync("dataset#create", [], new System.Text.Json.Nodes.JsonObject { ["name"] = "gone", ["compression"] = true }, null, Cancel);
        await server.Admin.WaitAsync(made.ActionStateId, null, Cancel);
        var id = (long)made.Object!["id"]!;
        Assert.Equal("on", await server.Zfs.GetLocalPropertyAsync($"{server.Filesystem}/gone", "compression", Cancel));
        var inherit = await server.Admin.Api.CallAsync("dataset#inherit", [id], new System.Text.Json.Nodes.JsonObject { ["property"] = "compression" }, null, Cancel);
        await server.Admin.WaitAsync(inherit.ActionStateId, null, Cancel);
        Assert.Null(await server.Zfs.GetLocalPropertyAsync($"{server.Filesystem}/gone", "compression", Cancel));

        var first = await server.TakeSnapshotAsync(id);
        await server.TakeSnapshotAsync(id);
        await server.BackUpAsync(id);
        await server.RollBackAsync(first);
        var delete = await server.Admin.Api.CallAsync("dataset#delete", [id], null, null, Cancel);
        await server.Admin.WaitAsync(delete.ActionStateId, null, Cancel);
        Assert.False(await server.Zfs.ExistsAsync($"{server.Filesystem}/gone", Cancel));
        Assert.False(await server.Zfs.ExistsAsync($"{server.Backup}/gone", Cancel));
    }

    [Fact]
    public async Task An_export_of_a_dataset_that_somebody_destroyed_fails_and_leaves_nothing()
    {
        server.Require();
        var vps = await server.CreateVpsAsync();
        var snapshot = await server.TakeSnapshotAsync(vps.Dataset!.Id);
        await server.Zfs.DestroyRecursivelyAsync($"{server.Filesystem}/{vps.Dataset.Label}", Cancel);

        var (download, state) = await server.Admin.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Stream, sendMail: false, Cancel);
        var aborted = await Assert.ThrowsAsync<ActionAbortedException>(() => server.Admin.WaitAsync(state, null, Cancel));
        Assert.Equal((true, false), (aborted.State.Finished, aborted.State.Succeeded));
        Assert.Contains($"{server.Filesystem}/{vps.Dataset.Label}", aborted.Message, StringComparison.Ordinal);
        Assert.Contains("does not exist", aborted.Message, StringComparison.Ordinal);
        Assert.True((await Assert.ThrowsAsync<ActionFailedException>(() => server.Admin.GetDownloadAsync(download.Id, Cancel))).IsNotFound);
        Assert.Empty(await server.Admin.GetDownloadsAsync(snapshot.Id, Cancel));
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(download.Url));
        Assert.Equal("failed", (await server.Admin.GetChainsAsync(1, Cancel))[0].State);
    }

    [Fact]
    public async Task A_removed_download_takes_its_file_with_it_and_makes_room_for_the_next()
    {
        server.Require();
        var vps = await server.CreateVpsAsync();
        var snapshot = await server.TakeSnapshotAsync(vps.Dataset!.Id);
        var download = await server.ExportAsync(snapshot.Id);
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(download.Url));

        var (_, state) = await server.Admin.DeleteDownloadAsync(download.Id, Cancel);
        Assert.Empty(await server.Admin.GetDownloadsAsync(snapshot.Id, Cancel));
        await server.Admin.WaitAsync(state, null, Cancel);
        Assert.Equal(HttpStatusCode.NotFound, await StatusAsync(download.Url));
        Assert.True((await Assert.ThrowsAsync<ActionFailedException>(() => server.Admin.GetDownloadAsync(download.Id, Cancel))).IsNotFound);
        Assert.True((await server.ExportAsync(snapshot.Id, ExportFormat.Stream)).Ready);
    }

    private async Task<byte[]> DownloadAsync(SnapshotDownload download)
    {
        Assert.True(download.Ready);
        using var head = await GetAsync(download.Url, new RangeHeaderValue(0, 999));
        using var tail = await GetAsync(download.Url, new RangeHeaderValue(1000, null));
        Assert.Equal((HttpStatusCode.PartialContent, HttpStatusCode.PartialContent), (head.StatusCode, tail.StatusCode));
        byte[] bytes = [.. await head.Content.ReadAsByteArrayAsync(Cancel), .. await tail.Content.ReadAsByteArrayAsync(Cancel)];
        Assert.Equal(download.Sha256, Convert.ToHexStringLower(SHA256.HashData(bytes)));
        Assert.Equal(bytes.Length >> 20, download.SizeMiB);
        Assert.EndsWith(download.FileName, download.Url.AbsolutePath, StringComparison.Ordinal);
        return bytes;
    }

    private async Task<HttpResponseMessage> GetAsync(Uri url, RangeHeaderValue range)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Range = range } };
        return await _http.SendAsync(request, Cancel);
    }

    private async Task<HttpStatusCode> StatusAsync(Uri url)
    {
        using var reply = await _http.GetAsync(url, Cancel);
        return reply.StatusCode;
    }

    private static GZipStream Gunzip(byte[] bytes) => new(new MemoryStream(bytes), CompressionMode.Decompress);

    private static async Task<byte[]> WriteAsync(string folder, string name, int length)
    {
        var bytes = RandomNumberGenerator.GetBytes(length);
        await File.WriteAllBytesAsync(Path.Combine(folder, name), bytes, Cancel);
        return bytes;
    }
}
