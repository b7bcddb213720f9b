using System.CommandLine;
using System.Globalization;
using VpsAdmin.Load.Results;

namespace VpsAdmin.Load.Clients;

/// <summary>Clients that wait for chains which do not end: what waiting costs.</summary>
internal static class PollCommand
{
    public static Command Create()
    {
        var pollers = new Option<int>("--pollers") { Description = "How many", Required = true };
        var seconds = new Option<double>("--seconds") { Description = "How long is measured, after all have begun", DefaultValueFactory = static _ => 45 };
        var first = new Option<long>("--first-chain") { Description = "First of the chains that rows.sql left under way", Required = true };
        var waiting = new Option<int>("--waiting") { Description = "How many of them there are", Required = true };
        var options = new ClientOptions();
        var command = new Command("poll", "Waits for chains that do not end, each client with a connection and a token of its own.") { pollers, seconds, first, waiting };
        options.AddTo(command);
        command.SetAction((parsed, cancel) => RunAsync(
            options.Read(parsed), parsed.GetValue(pollers), TimeSpan.FromSeconds(parsed.GetValue(seconds)), parsed.GetValue(first), parsed.GetValue(waiting), cancel));
        return command;
    }

    private static async Task<int> RunAsync(Measurement measurement, int pollers, TimeSpan duration, long first, int waiting, CancellationToken cancel)
    {
        using var api = new Api(measurement.Urls);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        var (late, failures, measuring) = (new Latencies(), new Failures(), new TaskCompletionSource());
        var clients = Enumerable.Range(0, pollers).Select(n => WaitAsync(n)).ToList();
        // They begin in the time of one poll, as clients of different people do, and then it is measured.
        await Task.Delay(TimeSpan.FromSeconds(2 * FollowedAction.PollTimeout), cancel);
        measuring.SetResult();
        measurement.Watch.Begin();
        await Task.Delay(duration, cancel);

        var table = measurement.Results.Table(
            "Clients that wait", string.Create(CultureInfo.InvariantCulture, $"Each polls a chain that does not end, {FollowedAction.PollTimeout} s at a time, on a connection of its own. Milliseconds behind its time: the middle one, the 99th of a hundred, the slowest"));
        table.Add("polls answered, a second", late.Count / duration.TotalSeconds);
        table.Add("how late the answer is", late.Milliseconds);
        table.Add("failed", failures.ToString());
        measurement.Watch.AddTo(table, late.Count, "poll");
        measurement.Watch.AddMemoryTo(table);
        await stop.CancelAsync();
        await Task.WhenAll(clients);
        return 0;

        async Task WaitAsync(int n)
        {
            try
            {
                await Task.Delay(TimeSpan.FromSeconds(FollowedAction.PollTimeout) * ((double)n / pollers), stop.Token);
                // Chain C is of user C % users + 1, as datasets are.
                var (chain, token) = (first + (n % waiting), Api.TokenOf(measurement.OwnerOf((int)(first + (n % waiting)))));
                while (true)
                    await failures.CountAsync(() => PollAsync(chain, token));
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                // The end that was asked for.
            }
        }

        async Task PollAsync(long chain, string token)
        {
            var state = await FollowedAction.ShowAsync(api, chain, token, stop.Token);
            while (!state.Finished)
            {
                var start = TimeProvider.System.GetTimestamp();
                var next = await FollowedAction.PollAsync(api, chain, state, token, stop.Token);
                if (measuring.Task.IsCompleted && next == state)
                    late.Add(TimeProvider.System.GetElapsedTime(start) - TimeSpan.FromSeconds(FollowedAction.PollTimeout));
                state = next;
            }
            throw new InvalidOperationException($"Chain {chain} has ended.");
        }
    }
}
