using System.Text.Json;
using VpsAdmin.Client;
using VpsAdmin.Lab.Http;
using VpsAdmin.Transfer.Pump;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Tests.Sinks;

/// <summary>What an earlier run left, and a later one makes of it.</summary>
public sealed class ContinuationTests : TransferTest
{
    private const int MiB = 1 << 20;

    [Fact]
    public async Task A_kill_at_any_byte_costs_no_more_than_a_chunk_and_what_was_not_recorded()
    {
        Server.Content = Bytes(5 * MiB);
        var random = new Random(4712);
        for (var round = 0; round < 12; round++)
        {
            await LeavePartAsync(random.Next(1, 5 * MiB));
            var length = Kill(random);
            var recorded = Recorded().Length;
            var result = await SaveAsync();
            Assert.InRange(result.ResumedFrom, Math.Min(recorded, length) / MiB * MiB, length);
            await AssertSavedAsync(Server.Content);
            File.Delete(Target);
        }
    }

    [Fact]
    public async Task Finished_chunks_are_recorded_while_the_transfer_runs()
    {
        Server.Content = Bytes(6 * MiB);
        Server.Script(FileAction.StallAfter(5 * MiB));
        using var stop = new CancellationTokenSource();
        var saving = SaveAsync(cancel: stop.Token);
        await Server.WaitForStallAsync(Cancel);
        // In the middle of it, as a kill would find it.
        await UntilAsync(() => PartRecord.TryRead(Sidecar) is { Length: >= MiB });
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => saving);
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task A_damaged_chunk_is_fetched_again_alone()
    {
        Server.Content = Bytes(5 * MiB);
        await LeavePartAsync((3 * MiB) + 12345);
        await DamageAsync(MiB + 77);
        var before = Server.Requests.Count;
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal(
            [(MiB, (2 * MiB) - 1), ((3 * MiB) + 12345, null)],
            Server.Requests.Skip(before).Select(static r => ((int)r.RangeFrom!, (int?)r.RangeTo)).Order());
        Assert.Equal((MiB, (3 * MiB) + 12345L, true), (result.Repaired, result.ResumedFrom, result.Verified));
    }

    [Fact]
    public async Task A_damaged_beginning_of_a_chunk_is_fetched_again_with_the_rest()
    {
        Server.Content = Bytes(3 * MiB);
        await LeavePartAsync(MiB + 5000);
        await DamageAsync(MiB + 4999);
        Assert.Equal(MiB, (await SaveAsync()).ResumedFrom);
        await AssertSavedAsync(Server.Content);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_rest_arrives_while_what_is_here_is_looked_through(bool breaks)
    {
        Server.Content = Bytes(5 * MiB);
        await LeavePartAsync(3 * MiB);
        await DamageAsync(500_000);
        // What is here cannot be hashed on before its first chunk is: that is held up until the rest has come.
        Server.ScriptRange(0, FileAction.StallAfter(1000));
        if (breaks)
            Server.ScriptRange(3 * MiB, FileAction.CutAfter(300_000));
        using var stop = new CancellationTokenSource();
        var saving = SaveAsync(cancel: stop.Token);
        await Server.WaitForStallAsync(Cancel);
        await UntilAsync(() => new FileInfo(Part).Length == 5 * MiB);
        Assert.False(saving.IsCompleted);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => saving);
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal((5 * MiB, MiB), (result.ResumedFrom, result.Repaired));
    }

    [Fact]
    public async Task Faults_while_a_chunk_is_fetched_again_are_borne()
    {
        Server.Content = Bytes(3 * MiB);
        await LeavePartAsync(2 * MiB);
        await DamageAsync(100);
        Server.ScriptRange(0, FileAction.CutAfter(1000).After(() => Server.ScriptRange(0, FileAction.Answer(503).After(() => Server.ScriptRange(0, FileAction.IgnoreRange)))));
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal(3, Server.Requests.Count(static r => r.RangeTo == MiB - 1));
    }

    [Fact]
    public async Task A_part_that_is_not_the_servers_file_any_more_is_begun_again()
    {
        Server.Content = Bytes(3 * MiB);
        await LeavePartAsync(2 * MiB);
        await DamageAsync(100);
        Server.Content = Bytes(3 * MiB, seed: 2);
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task BUG_10_a_part_longer_than_its_record_says_is_cut_to_it()
    {
        Server.Content = Bytes(3 * MiB);
        await LeavePartAsync(MiB + 100);
        await using (var part = File.Open(Part, FileMode.Open))
        {
            part.Seek(0, SeekOrigin.End);
            await part.WriteAsync(new byte[2 * MiB], Cancel);
        }
        Assert.Equal(MiB + 100, (await SaveAsync()).ResumedFrom);
        await AssertSavedAsync(Server.Content);
    }

    [Theory]
    [InlineData("\"one\"", "\"two\"")]
    [InlineData(null, null)]
    public async Task A_file_written_anew_is_found_out_by_its_validators_and_begun_again(string? etag, string? later)
    {
        Server.Content = Bytes(3 * MiB);
        (Server.ETag, Server.LastModified) = (etag, Time.Start);
        await LeavePartAsync(2 * MiB);
        var before = Server.Requests.Count;
        Server.Content = Bytes(3 * MiB, seed: 2);
        (Server.ETag, Server.LastModified) = (later, Time.Start + TimeSpan.FromHours(1));
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal([2 * MiB, (2 * MiB) - RecentBytes.Most, null], Server.Requests.Skip(before).Select(static r => r.RangeFrom));
    }

    [Fact]
    public async Task A_file_that_only_looks_different_is_continued()
    {
        Server.Content = Bytes(3 * MiB);
        Server.ETag = "\"one\"";
        Server.Script(FileAction.CutAfter(MiB).After(() => Server.ETag = "\"one\""), FileAction.Serve.After(() => Server.ETag = "\"two\""));
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal([null, MiB, MiB - RecentBytes.Most], Server.Requests.Select(static r => r.RangeFrom));
        Assert.Equal(1, result.Retries);
    }

    [Fact]
    public async Task While_a_file_grows_its_validators_say_nothing()
    {
        var content = Bytes(900_000);
        (Server.Content, Server.ETag) = (content[..300_000], "\"a\"");
        Export.ThenInProgress(2);
        Export.Finally = () => Export.Ready(content);
        Server.Script(FileAction.Serve, FileAction.Serve.After(() => (Server.Content, Server.ETag) = (content, "\"b\"")));
        await SaveAsync();
        await AssertSavedAsync(content);
        Assert.Equal([null, 300_000], Server.Requests.Select(static r => r.RangeFrom));
    }

    [Fact]
    public async Task Pieces_of_two_files_are_found_out_by_the_checksum_and_the_file_is_fetched_in_one()
    {
        Server.Content = Bytes(3 * MiB);
        await LeavePartAsync(2 * MiB);
        Server.Content = Bytes(3 * MiB, seed: 2);
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.True(result.Verified);
    }

    [Fact]
    public async Task A_server_that_never_has_what_its_checksum_says_is_not_believed_twice()
    {
        Server.Content = Bytes(2 * MiB);
        await LeavePartAsync(MiB);
        Export.Finally = () => Export.Ready() with { Sha256 = new string('0', 64) };
        await FailAsync(() => SaveAsync(), TransferFailure.ChecksumMismatch);
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task The_sidecar_tells_what_the_part_is_of()
    {
        Server.Content = Bytes(3 * MiB);
        (Server.ETag, Server.LastModified) = ("\"one\"", Time.Start);
        Server.Script(FileAction.CutAfter(MiB + 5), FileAction.Answer(403));
        await FailAsync(async () =>
        {
            await using var sink = new FileSink(Target, false, true, new ExportRequest(42, 41, ExportFormat.IncrementalStream));
            await RunAsync(sink);
        }, TransferFailure.BadResponse);
        using var json = JsonDocument.Parse(await File.ReadAllBytesAsync(Sidecar, Cancel));
        var record = json.RootElement;
        Assert.Equal((7, 42, 41, "IncrementalStream"), (record.GetProperty("download_id").GetInt32(), record.GetProperty("snapshot_id").GetInt32(),
            record.GetProperty("from_snapshot_id").GetInt32(), record.GetProperty("format").GetString()));
        Assert.Equal(Server.Url.AbsoluteUri, record.GetProperty("url").GetString());
        Assert.Equal(("\"one\"", 3 * MiB), (record.GetProperty("remote").GetProperty("e_tag").GetString(), record.GetProperty("remote").GetProperty("length").GetInt32()));
        Assert.Equal((MiB + 5, 2), (record.GetProperty("length").GetInt32(), record.GetProperty("chunks").GetArrayLength()));
        // It is written for each chunk: nothing is in it twice.
        Assert.Equal(["version", "download_id", "url", "snapshot_id", "from_snapshot_id", "format", "remote", "chunk_size", "length", "chunks"], record.EnumerateObject().Select(static p => p.Name));
    }

    [Theory]
    [InlineData(null, 8 * MiB)]
    [InlineData(0L, MiB)]
    [InlineData(4096L, MiB)]
    [InlineData(4097L, 2 * MiB)]
    [InlineData(1L << 20, 256 * MiB)]
    [InlineData(1L << 40, 256 * MiB)]
    public void Chunks_are_small_and_few(long? sizeMiB, int chunkSize) => Assert.Equal(chunkSize, ChunkDigests.SizeFor(sizeMiB));

    /// <summary>The part as a kill may leave it: any bytes beyond the record, or fewer of them than it says.</summary>
    private long Kill(Random random)
    {
        using var part = File.Open(Part, FileMode.Open);
        var length = random.Next(3) switch
        {
            0 => part.Length,
            1 => random.NextInt64(part.Length + 1),
            _ => part.Length + random.Next(MiB),
        };
        part.SetLength(length);
        return length;
    }

    private PartRecord Recorded() => PartRecord.TryRead(Sidecar)!;

    private async Task DamageAsync(int offset)
    {
        await using var part = File.Open(Part, FileMode.Open);
        part.Seek(offset, SeekOrigin.Begin);
        var was = part.ReadByte();
        part.Seek(offset, SeekOrigin.Begin);
        part.WriteByte((byte)(was ^ 1));
    }
}
