using System.CommandLine;
using System.Globalization;
using VpsAdmin.Load.Results;

namespace VpsAdmin.Load.Clients;

/// <summary>How long lists take.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var requests = new Option<int>("--requests") { Description = "Times that each list is asked for", DefaultValueFactory = static _ => 200 };
        var atOnce = new Option<int>("--at-once") { Description = "Clients at once", DefaultValueFactory = static _ => 1 };
        var token = new Option<string>("--token") { Description = "An administrator's", Required = true };
        var paths = new Option<bool>("--paths") { Description = "Only print the lists and their paths" };
        var options = new ClientOptions();
        var command = new Command("list", "Asks for lists by their filters, each many times.") { requests, atOnce, token, paths };
        options.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var measurement = options.Read(parsed);
            if (parsed.GetValue(paths))
            {
                foreach (var (name, path) in Lists(measurement.Datasets))
                    Console.WriteLine($"{name}\t{path}");
                return;
            }
            using var api = new Api(measurement.Urls);
            var table = measurement.Results.Table(
                "Lists", string.Create(CultureInfo.InvariantCulture, $"Milliseconds of the middle one, the 99th of a hundred, and the slowest of {parsed.GetValue(requests)}, with {parsed.GetValue(atOnce)} at once"));
            foreach (var (name, path) in Lists(measurement.Datasets))
                table.Add(name, (await MeasureAsync(api, path, parsed.GetRequiredValue(token), parsed.GetValue(requests), parsed.GetValue(atOnce), cancel)).Milliseconds);
        });
        return command;
    }

    private static async Task<Latencies> MeasureAsync(Api api, string path, string token, int requests, int atOnce, CancellationToken cancel)
    {
        // The first one compiles the query.
        await api.GetAsync(path, token, cancel);
        var taken = new Latencies();
        await Parallel.ForAsync(0, requests, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancel }, async (_, c) =>
        {
            var start = TimeProvider.System.GetTimestamp();
            await api.GetAsync(path, token, c);
            taken.Add(TimeProvider.System.GetElapsedTime(start));
        });
        return taken;
    }

    /// <summary>In the middle of each table, where an index that is missing shows most.</summary>
    private static IEnumerable<(string Name, string Path)> Lists(int datasets)
    {
        var half = datasets / 2;
        return
        [
            ("datasets of one user, first page", "/v7.0/datasets?dataset[user]=1001&dataset[limit]=25"),
            ("datasets, a page in the middle", Path($"/v7.0/datasets?dataset[limit]=25&dataset[from_id]={half}")),
            ("one dataset and those below it", Path($"/v7.0/datasets?dataset[dataset]={half}")),
            ("snapshots of a dataset", Path($"/v7.0/datasets/{half}/snapshots")),
            ("chains, newest", "/v7.0/transaction_chains"),
            ("chains that failed", "/v7.0/transaction_chains?transaction_chain[state]=failed"),
            ("chains by name", Path($"/v7.0/transaction_chains?transaction_chain[name]=backup&transaction_chain[from_id]={half}")),
            ("chains of one user", "/v7.0/transaction_chains?transaction_chain[user]=1001"),
            ("chains about a dataset", Path($"/v7.0/transaction_chains?transaction_chain[class_name]=Dataset&transaction_chain[row_id]={half}")),
            ("transactions of a node", "/v7.0/transactions?transaction[node]=1001"),
            ("VPSes, first page", "/v7.0/vpses?vps[limit]=25"),
        ];
    }

    private static string Path(FormattableString path) => FormattableString.Invariant(path);
}
