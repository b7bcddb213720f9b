using VpsAdmin.HaveApi;
using VpsAdmin.Lab.Http;

namespace VpsAdmin.Transfer.Tests.Pump;

/// <summary>When a file is complete, and what is not: spec 4.4, 10.1 and vectors V17–V19.</summary>
public sealed class CompletionTests : TransferTest
{
    [Fact]
    public async Task A_ready_file_is_saved_with_one_request()
    {
        Server.Content = Bytes(3_000_000);
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal(Export.Ready().Sha256, result.Sha256);
        Assert.Equal((3_000_000, 0, true, 0), (result.Bytes, result.ResumedFrom, result.Verified, result.Retries));
        var request = Assert.Single(Server.Requests);
        Assert.Null(request.RangeFrom);
        Assert.Equal("identity", request.Headers["accept-encoding"]);
        Assert.DoesNotContain("authorization", request.Headers.Keys);
        Assert.Empty(Time.Waits);
    }

    [Fact]
    public async Task An_empty_file_is_saved()
    {
        Server.Content = [];
        await SaveAsync();
        await AssertSavedAsync([]);
    }

    [Fact]
    public async Task V17_a_file_that_is_not_there_yet_is_waited_for_from_a_quarter_of_a_second_on()
    {
        var content = Bytes(1000);
        // The sink's own look at the state comes first.
        Export.ThenInProgress(3).Then(() =>
        {
            Server.Content = content;
            return Export.Ready();
        });
        await SaveAsync();
        await AssertSavedAsync(content);
        Assert.Equal(3, Server.Requests.Count);
        Assert.Equal(2, Time.Waits.Count);
        Assert.All(Time.Waits.Zip([0.25, 0.5]), w => Assert.InRange(w.First.TotalSeconds, (w.Second * 0.75) - 0.001, w.Second));
    }

    [Fact]
    public async Task Waiting_grows_to_ten_seconds_and_no_further()
    {
        Server.Content = Bytes(10);
        Export.ThenInProgress(13);
        Server.Script(Enumerable.Repeat(FileAction.NotFound, 12));
        await SaveAsync();
        Assert.All(Time.Waits, static w => Assert.True(w <= TimeSpan.FromSeconds(10)));
        Assert.True(Time.Waits.Last() >= TimeSpan.FromSeconds(7.5));
    }

    [Fact]
    public async Task A_growing_file_is_followed_to_its_end_and_bytes_make_waiting_short_again()
    {
        var content = Bytes(900_000);
        Server.Content = content[..300_000];
        Export.ThenInProgress(7);
        Server.Script(
            FileAction.Serve, FileAction.Serve, FileAction.Serve,
            FileAction.Serve.After(() => Server.Content = content[..600_000]),
            FileAction.Serve,
            FileAction.Serve.After(() => Server.Content = content));
        var result = await SaveAsync();
        await AssertSavedAsync(content);
        Assert.Equal([null, 300_000, 300_000, 300_000, 600_000, 600_000, 900_000], Server.Requests.Select(static r => r.RangeFrom));
        Assert.All(Time.Waits.Zip([0.25, 0.5, 1, 0.25, 0.5, 0.25]), w => Assert.InRange(w.First.TotalSeconds, (w.Second * 0.75) - 0.001, w.Second));
        Assert.Equal(900_000, result.Bytes);
    }

    [Fact]
    public async Task Ready_that_is_seen_only_after_the_last_byte_is_asked_about_again()
    {
        Server.Content = Bytes(1000);
        Export.ThenInProgress(2);
        await SaveAsync();
        Assert.Equal([null, 1000], Server.Requests.Select(static r => r.RangeFrom));
    }

    [Fact]
    public async Task V18_a_part_is_continued_with_one_request_and_the_checksum_covers_all()
    {
        Server.Content = Bytes(2_500_000);
        await LeavePartAsync(1_300_000);
        var before = Server.Requests.Count;
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal(1_300_000, Assert.Single(Server.Requests.Skip(before)).RangeFrom);
        Assert.Equal((2_500_000, 1_300_000, true), (result.Bytes, result.ResumedFrom, result.Verified));
    }

    [Fact]
    public async Task BUG_5_a_part_that_is_complete_already_becomes_the_file()
    {
        Server.Content = Bytes(1_000_000);
        Server.Script(FileAction.Serve, FileAction.Answer(403));
        Export.ThenInProgress(3);
        await FailAsync(() => SaveAsync(), TransferFailure.BadResponse);
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal(1_000_000, result.ResumedFrom);
    }

    [Fact]
    public async Task V19_a_record_that_is_gone_ends_the_transfer_and_keeps_the_part()
    {
        Server.Content = Bytes(1000);
        Export.ThenInProgress(2).ThenFails(static () => new TransferException(TransferFailure.ExportVanished, "gone"));
        await FailAsync(() => SaveAsync(), TransferFailure.ExportVanished);
        Assert.Equal(Server.Content, await File.ReadAllBytesAsync(Part, Cancel));
        Assert.False(File.Exists(Target));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task BUG_23_a_file_that_stays_away_although_ready_is_a_failure_after_a_bounded_time(bool verify)
    {
        Export.Finally = () => Export.Ready([1, 2, 3]);
        await FailAsync(() => SaveAsync(Options with { VerifyChecksum = verify }), TransferFailure.ExportVanished);
        Assert.Equal(11, Server.Requests.Count);
        Assert.Empty(Directory.GetFiles(Folder));
    }

    [Fact]
    public async Task A_file_that_is_away_for_a_moment_while_its_record_is_there_is_waited_for()
    {
        Server.Content = Bytes(2000);
        Server.Script(FileAction.CutAfter(500), FileAction.NotFound, FileAction.NotFound);
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal(3, result.Retries);
    }

    [Fact]
    public async Task A_stale_view_of_a_ready_file_is_looked_at_again()
    {
        Server.Content = Bytes(5000);
        Server.Script(FileAction.SeeStale(3000), FileAction.SeeStale(3000), FileAction.SeeStale(4000));
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.True(result.Verified);
        Assert.Equal([null, 3000, 3000, 4000], Server.Requests.Select(static r => r.RangeFrom));
    }

    [Fact]
    public async Task A_wrong_checksum_is_believed_after_a_bounded_time_and_nothing_stays()
    {
        Server.Content = Bytes(5000);
        Server.Script(FileAction.CorruptAt(1234));
        var error = await FailAsync(() => SaveAsync(), TransferFailure.ChecksumMismatch);
        Assert.Contains(Export.Ready().Sha256!, error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(Folder));
        Assert.InRange(Time.Passed.TotalSeconds, 8, 30);
    }

    [Fact]
    public async Task A_wrong_checksum_is_nobodys_business_when_it_was_not_asked_for()
    {
        Server.Content = Bytes(5000);
        Export.Finally = () => Export.Ready() with { Sha256 = new string('0', 64) };
        var result = await SaveAsync(Options with { VerifyChecksum = false });
        Assert.False(result.Verified);
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task Without_the_checksum_a_file_that_is_shorter_than_the_server_says_is_still_refused()
    {
        Server.Content = Bytes(2 << 20);
        Export.Finally = () => Export.Ready() with { SizeMiB = 3 };
        await FailAsync(() => SaveAsync(Options with { VerifyChecksum = false }), TransferFailure.BadResponse);
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task A_ready_file_without_a_checksum_is_not_taken_for_verified()
    {
        Server.Content = Bytes(5000);
        Export.Finally = () => Export.Ready() with { Sha256 = null };
        await FailAsync(() => SaveAsync(), TransferFailure.BadResponse);
    }

    [Fact]
    public async Task BUG_7_an_API_that_cannot_be_reached_for_a_while_is_no_failure()
    {
        Server.Content = Bytes(5000);
        Export.ThenFails(static () => new ApiUnreachableException("no route", null, null), 4)
            .ThenInProgress()
            .ThenFails(static () => new ApiUnreachableException("502", System.Net.HttpStatusCode.BadGateway, TimeSpan.FromSeconds(17)))
            .ThenFails(static () => new ProtocolException("a page"))
            .ThenFails(static () => new ActionFailedException("snapshot_download#show", System.Net.HttpStatusCode.OK, "Resource is locked", new Dictionary<string, IReadOnlyList<string>>()))
            .ThenFails(static () => new ActionFailedException("snapshot_download#show", System.Net.HttpStatusCode.Locked, "maintenance", new Dictionary<string, IReadOnlyList<string>>()));
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal(8, result.Retries);
        Assert.Contains(TimeSpan.FromSeconds(17), Time.Waits);
    }

    [Fact]
    public async Task An_API_that_refuses_for_good_is_not_asked_again()
    {
        Server.Content = Bytes(5000);
        Export.ThenInProgress(2)
            .ThenFails(static () => new ActionFailedException("snapshot_download#show", System.Net.HttpStatusCode.Unauthorized, "token expired", new Dictionary<string, IReadOnlyList<string>>()));
        var error = await FailAsync(() => SaveAsync(), TransferFailure.BadResponse);
        Assert.Contains("token expired", error.Message, StringComparison.Ordinal);
        Assert.Equal(3, Export.Reads);
    }
}
