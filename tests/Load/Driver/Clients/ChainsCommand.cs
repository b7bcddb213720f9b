using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using VpsAdmin.Load.Results;

namespace VpsAdmin.Load.Clients;

/// <summary>How many chains come to their end in a second: a snapshot of one dataset each, asked for by its owner, who waits for it.</summary>
internal static class ChainsCommand
{
    public static Command Create()
    {
        var chains = new Option<int>("--chains") { Description = "How many", DefaultValueFactory = static _ => 1000 };
        var atOnce = new Option<int>("--at-once") { Description = "Clients at once; each waits for the end of its chain before it asks for the next", DefaultValueFactory = static _ => 64 };
        var nodes = new Option<int>("--nodes") { Description = "How many nodes are at work; datasets are theirs", Required = true };
        var cluster = new Option<int>("--cluster") { Description = "How many nodes rows.sql made", Required = true };
        var options = new ClientOptions();
        var command = new Command("chains", "Has snapshots taken, and waits for each as clients do.") { chains, atOnce, nodes, cluster };
        options.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            var measurement = options.Read(parsed);
            var all = DatasetsOf(parsed.GetValue(nodes), parsed.GetValue(cluster), measurement.Datasets).Take(parsed.GetValue(chains)).ToArray();
            return RunAsync(measurement, all, parsed.GetValue(atOnce), cancel);
        });
        return command;
    }

    /// <summary>One of each node, then the next of each: work is spread as evenly as it can be. Dataset D is on node D % cluster + 1.</summary>
    private static IEnumerable<int> DatasetsOf(int nodes, int cluster, int datasets) =>
        Enumerable.Range(1, Math.Max(1, (datasets / cluster) - 1)).SelectMany(row => Enumerable.Range(row * cluster, nodes));

    private static async Task<int> RunAsync(Measurement measurement, int[] datasets, int atOnce, CancellationToken cancel)
    {
        using var api = new Api(measurement.Urls);
        var (built, ended, failures) = (new Latencies(), new Latencies(), new Failures());
        var table = measurement.Results.Table(
            "Chains", string.Create(CultureInfo.InvariantCulture, $"{datasets.Length} snapshots, each asked for by one of {atOnce} clients that wait for its end. Milliseconds of the middle one, the 99th of a hundred, and the slowest"));
        measurement.Watch.Begin();
        var start = TimeProvider.System.GetTimestamp();
        await Parallel.ForEachAsync(datasets, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancel }, async (dataset, c) =>
        {
            var asked = TimeProvider.System.GetTimestamp();
            await failures.CountAsync(async () =>
            {
                var token = Api.TokenOf(measurement.OwnerOf(dataset));
                var chain = await AskAsync(api, dataset, token, c);
                built.Add(TimeProvider.System.GetElapsedTime(asked));
                await FollowedAction.EndAsync(api, chain, token, c);
                ended.Add(TimeProvider.System.GetElapsedTime(asked));
            });
        });
        table.Add("chains that ended, a second", ended.Count / TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        table.Add("until the chain is built", built.Milliseconds);
        table.Add("until its client knows that it ended", ended.Milliseconds);
        table.Add("failed", failures.ToString());
        measurement.Watch.AddTo(table, ended.Count, "chain");
        return 0;
    }

    private static async Task<long> AskAsync(Api api, int dataset, string token, CancellationToken cancel)
    {
        var answer = await api.PostAsync(string.Create(CultureInfo.InvariantCulture, $"/v7.0/datasets/{dataset}/snapshots"), new JsonObject { ["snapshot"] = new JsonObject() }, token, cancel);
        return answer["_meta"]?["action_state_id"]?.GetValue<long>() ?? throw new ApiFailedException($"The answer names no action state: {answer.ToJsonString()}");
    }
}
