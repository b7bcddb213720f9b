using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Lab;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Nats.Tests;

/// <summary>A question that hangs on its node, and those behind it.</summary>
public sealed class QuestionTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private NatsBroker _broker = null!;
    private NatsLink _server = null!;
    private NatsLink _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _broker = await NatsBroker.StartAsync(Cancel);
        Assert.SkipUnless(_broker.Available, _broker.Reason ?? "");
        _server = await NatsLink.ConnectAsync(new(_broker.Url), "server", TimeProvider.System, Cancel);
        _node = await NatsLink.ConnectAsync(new(_broker.Url), "node", _time, Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        if (_node is not null)
            await _node.DisposeAsync();
        if (_server is not null)
            await _server.DisposeAsync();
        await _broker.DisposeAsync();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(Questions<ConsoleQuestion, ConsoleAnswer>.AtOnce)]
    public async Task Consoles_that_hang_silence_no_other(int hanging)
    {
        using var begun = new CountdownEvent(hanging);
        var pool = new TaskCompletionSource<string?>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var answering = VpsConsoles.AnswerAsync(_node, 2, (question, _) =>
        {
            if (question.Place.VpsId == 0)
                return Task.FromResult<string?>("here");
            begun.Signal();
            return pool.Task;
        }, NullLogger.Instance, stop.Token);
        while (await AskAsync(0, Cancel) is null)
        {
            // It has not subscribed yet.
        }

        var hung = Enumerable.Range(1, hanging).Select(Task (vps) => AskAsync(vps, stop.Token)).ToList();
        Assert.True(begun.Wait(TimeSpan.FromSeconds(30), Cancel));
        // As many as may be under way at once are given up when nobody waits for them any more.
        if (hanging > 1)
            _time.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal("here", (await AskAsync(0, Cancel))?.Text);
        Assert.False(answering.IsCompleted);

        await stop.CancelAsync();
        await answering;
        await Task.WhenAll(hung).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing | ConfigureAwaitOptions.ContinueOnCapturedContext);
    }

    [Fact]
    public async Task A_broker_that_is_gone_answers_as_a_node_that_is_away()
    {
        await _broker.KillAsync();
        Assert.Null(await AskAsync(0, Cancel));
        using var stop = new CancellationTokenSource();
        var asking = AskAsync(0, stop.Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => asking);
    }

    private Task<ConsoleAnswer?> AskAsync(int vps, CancellationToken cancel) =>
        VpsConsoles.AskAsync(_server, 2, new(new VpsPlace("tank/vps", "101", vps), 100), cancel);
}
