using VpsAdmin.HaveApi;
using VpsAdmin.Lab.Http;

namespace VpsAdmin.Transfer.Tests.Pump;

/// <summary>What servers and networks do, and that no byte is lost or doubled by it.</summary>
public sealed class FaultTests : TransferTest
{
    [Theory]
    [InlineData(Cut.Break)]
    [InlineData(Cut.ShortBody)]
    public async Task A_connection_that_breaks_is_continued_at_the_next_byte(Cut cut)
    {
        Server.Content = Bytes(3_000_000);
        Server.Script(FileAction.CutAfter(1_000_000, cut), FileAction.CutAfter(700_001, cut));
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal([null, 1_000_000, 1_700_001], Server.Requests.Select(static r => r.RangeFrom));
        Assert.Equal(cut == Cut.Break ? 2 : 0, result.Retries);
    }

    [Fact]
    public async Task Bytes_gained_renew_the_budget()
    {
        Server.Content = Bytes(40_000);
        Server.Script(Enumerable.Range(0, 30).Select(static _ => FileAction.CutAfter(1000)));
        var result = await SaveAsync(Options with { RetryCount = 1 });
        await AssertSavedAsync(Server.Content);
        Assert.Equal(30, result.Retries);
    }

    [Fact]
    public async Task Faults_without_a_byte_use_the_budget_up_and_the_part_is_kept()
    {
        Server.Content = Bytes(40_000);
        Server.Script(FileAction.CutAfter(1000)).Script(Enumerable.Repeat(FileAction.CutAfter(0), 100));
        var error = await FailAsync(() => SaveAsync(Options with { RetryCount = 3 }), TransferFailure.RetriesExhausted);
        Assert.NotNull(error.InnerException);
        Assert.Equal(1 + 1 + 3, Server.Requests.Count);
        Assert.Equal(Server.Content[..1000], await File.ReadAllBytesAsync(Part, Cancel));
    }

    [Fact]
    public async Task Faults_end_with_the_time_limit_too()
    {
        Server.Content = Bytes(40_000);
        Server.Script(Enumerable.Repeat(FileAction.Answer(502), 1000));
        await FailAsync(() => SaveAsync(Options with { RetryCount = 1000, RetryTimeout = TimeSpan.FromMinutes(10) }), TransferFailure.RetriesExhausted);
        Assert.InRange(Time.Passed, TimeSpan.FromMinutes(6), TimeSpan.FromMinutes(12));
    }

    [Fact]
    public async Task No_retries_means_none()
    {
        Server.Content = Bytes(40_000);
        Server.Script(FileAction.Answer(502));
        await FailAsync(() => SaveAsync(Options with { RetryCount = 0 }), TransferFailure.RetriesExhausted);
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_tried_again_within_the_budget()
    {
        Export.Finally = static () => new ExportState(new Uri("http://127.0.0.1:1/x/y.gz"), true, new string('0', 64), 1);
        await FailAsync(() => SaveAsync(Options with { RetryCount = 4 }), TransferFailure.RetriesExhausted);
        Assert.Equal(4, Time.Waits.Count);
    }

    [Theory]
    [InlineData(408)]
    [InlineData(425)]
    [InlineData(429)]
    [InlineData(500)]
    [InlineData(503)]
    public async Task A_server_that_cannot_now_is_asked_again_when_it_says(int status)
    {
        Server.Content = Bytes(1000);
        Server.Script(FileAction.Answer(status, retryAfter: "37"));
        var result = await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal(TimeSpan.FromSeconds(37), Assert.Single(Time.Waits));
        Assert.Equal(1, result.Retries);
    }

    [Fact]
    public async Task Retry_after_may_be_a_date()
    {
        Server.Content = Bytes(1000);
        Server.Script(FileAction.Answer(503, retryAfter: (Time.Start + TimeSpan.FromSeconds(90)).ToString("R")));
        await SaveAsync();
        Assert.Equal(TimeSpan.FromSeconds(90), Assert.Single(Time.Waits));
    }

    [Fact]
    public async Task A_server_that_asks_for_more_time_than_there_is_ends_the_transfer_now()
    {
        Server.Content = Bytes(1000);
        Server.Script(FileAction.Answer(503, retryAfter: "86400"));
        await FailAsync(() => SaveAsync(), TransferFailure.RetriesExhausted);
        Assert.Empty(Time.Waits);
    }

    [Fact]
    public async Task A_connection_that_stalls_is_given_up_and_continued()
    {
        Server.Content = Bytes(300_000);
        Server.Script(FileAction.StallAfter(100_000));
        var hasNoticed = false;
        var saving = SaveAsync(progress: new Reports(p => hasNoticed |= p.Phase == TransferPhase.Retrying));
        await Server.WaitForStallAsync(Cancel);
        while (new FileInfo(Part).Length < 100_000)
            await Task.Yield();
        // The pump reaches its next read some time after: time is moved until it has noticed.
        while (!Volatile.Read(ref hasNoticed))
        {
            Time.Skip(StallTimeout);
            await Task.Yield();
        }
        var result = await saving;
        await AssertSavedAsync(Server.Content);
        Assert.True(result.Retries >= 1);
        Assert.Equal(100_000, Server.Requests[^1].RangeFrom);
    }

    [Fact]
    public async Task BUG_6_a_server_that_ignores_the_range_is_read_over_what_is_here()
    {
        Server.Content = Bytes(1_000_000);
        Server.Script(FileAction.CutAfter(400_000), FileAction.IgnoreRange);
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal([null, 400_000], Server.Requests.Select(static r => r.RangeFrom));
    }

    [Fact]
    public async Task A_server_that_ignores_the_range_and_has_other_bytes_has_written_the_file_anew()
    {
        Server.Content = Bytes(1_000_000);
        var anew = Bytes(1_100_000, seed: 2);
        Server.Script(FileAction.CutAfter(400_000), FileAction.IgnoreRange.After(() => Server.Content = anew));
        Export.ThenInProgress(3);
        await SaveAsync();
        await AssertSavedAsync(anew);
        Assert.Equal([null, 400_000, null], Server.Requests.Select(static r => r.RangeFrom));
    }

    [Fact]
    public async Task A_file_that_stays_shorter_than_what_is_here_was_written_anew_and_is_begun_again()
    {
        Server.Content = Bytes(1_000_000);
        var anew = Bytes(300_000, seed: 2);
        Server.Script(FileAction.CutAfter(400_000), FileAction.Serve.After(() => Server.Content = anew));
        Export.ThenInProgress(3);
        var result = await SaveAsync();
        await AssertSavedAsync(anew);
        Assert.Equal(300_000, result.Bytes);
    }

    [Fact]
    public async Task A_file_that_is_shorter_for_a_moment_is_a_stale_view_and_nothing_is_lost()
    {
        Server.Content = Bytes(1_000_000);
        Server.Script(FileAction.CutAfter(400_000), FileAction.SeeStale(399_999), FileAction.SeeStale(399_999));
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal([null, 400_000, 400_000, 400_000], Server.Requests.Select(static r => r.RangeFrom));
    }

    [Fact]
    public async Task A_range_from_elsewhere_is_refused()
    {
        Server.Content = Bytes(1_000_000);
        Server.Script(FileAction.CutAfter(400_000), FileAction.LieAboutRange(399_999));
        await FailAsync(() => SaveAsync(), TransferFailure.BadResponse);
        Assert.Equal(400_000, new FileInfo(Part).Length);
    }

    [Fact]
    public async Task A_server_that_gives_a_range_in_pieces_is_asked_on_at_once()
    {
        Server.Content = Bytes(1_000_000);
        Server.Script(FileAction.CutAfter(100_000), FileAction.Piece(300_000), FileAction.Piece(300_000));
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
        Assert.Equal([null, 100_000, 400_000, 700_000], Server.Requests.Select(static r => r.RangeFrom));
        Assert.Single(Time.Waits);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(400)]
    public async Task A_refusal_is_not_tried_again(int status)
    {
        Server.Script(FileAction.Answer(status));
        await FailAsync(() => SaveAsync(), TransferFailure.BadResponse);
        Assert.Single(Server.Requests);
    }

    [Fact]
    public async Task Cancelling_a_wait_ends_it_and_keeps_the_part()
    {
        Server.Content = Bytes(1000);
        Export.Finally = () => Export.InProgress();
        using var stop = new CancellationTokenSource();
        var waits = 0;
        var progress = new Reports(p =>
        {
            if (p.Phase == TransferPhase.Waiting && ++waits == 1)
                stop.Cancel();
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SaveAsync(progress: progress, cancel: stop.Token));
        Assert.Equal(Server.Content, await File.ReadAllBytesAsync(Part, Cancel));
        Assert.False(File.Exists(Target));
    }

    [Fact]
    public async Task Cancelling_a_stalled_connection_keeps_what_came_before()
    {
        Server.Content = Bytes(300_000);
        Server.Script(FileAction.StallAfter(100_000));
        using var stop = new CancellationTokenSource();
        var saving = SaveAsync(cancel: stop.Token);
        await Server.WaitForStallAsync(Cancel);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => saving);
        Assert.False(File.Exists(Target));
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
    }

    [Fact]
    public async Task BUG_17_random_breaks_at_any_byte_lose_and_double_nothing()
    {
        var random = new Random(4711);
        Server.Content = Bytes(2_000_000);
        Server.Script(Enumerable.Range(0, 50).Select(_ => random.Next(5) switch
        {
            0 => FileAction.CutAfter(random.Next(80_000)),
            1 => FileAction.CutAfter(random.Next(80_000), Cut.ShortBody),
            2 => FileAction.Piece(1 + random.Next(80_000)),
            3 => FileAction.CutAfter(random.Next(80_000), Cut.Reset),
            _ => FileAction.Answer(503),
        }));
        await SaveAsync();
        await AssertSavedAsync(Server.Content);
    }
}
