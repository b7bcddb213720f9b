using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;
using VpsAdmin.Server.Sharing;

namespace VpsAdmin.Server.Tests.Sharing;

public sealed class LeaderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_service_that_is_cancelled_without_being_told_to_end_ends_the_server()
    {
        var work = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var cancelled = new Led(work.Task);
        using var leader = new Leader(new OnlyServer(), [new(cancelled)], NullLogger<Leader>.Instance);
        await leader.StartAsync(Cancel);
        work.SetCanceled(new(canceled: true));
        await Assert.ThrowsAsync<InvalidOperationException>(() => leader.ExecuteTask!.WaitAsync(TimeSpan.FromSeconds(30), Cancel));
    }

    private sealed class Led(Task work) : BackgroundService
    {
        protected override Task ExecuteAsync(CancellationToken stoppingToken) => work;
    }
}
