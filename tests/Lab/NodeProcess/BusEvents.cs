using System.Runtime.CompilerServices;

namespace VpsAdmin.Node;

internal static class BusEvents
{
    /// <summary>For a reader that deals with one after another: each is dealt with when the next one is asked for.</summary>
    public static async IAsyncEnumerable<NodeEvent> EventsAsync(this INodeBus bus, [EnumeratorCancellation] CancellationToken cancel)
    {
        await foreach (var report in bus.ReportsAsync(cancel).ConfigureAwait(false))
        {
            var (begun, done) = (new TaskCompletionSource(), new TaskCompletionSource());
            var dealing = report.DealAsync(_ => { begun.TrySetResult(); return done.Task; }, cancel);
            // What cannot even begin says why.
            await await Task.WhenAny(begun.Task, dealing).ConfigureAwait(false);
            yield return report.Event;
            done.SetResult();
            await dealing.ConfigureAwait(false);
        }
    }
}
