using System.CommandLine;
using System.Globalization;
using Microsoft.Extensions.Logging;
using VpsAdmin.Load.Results;
using VpsAdmin.Nats;
using VpsAdmin.Node;

namespace VpsAdmin.Load.Nodes;

/// <summary>Nodes 1 … N of rows.sql, in one process.</summary>
internal static class NodesCommand
{
    /// <summary>What run.sh waits for.</summary>
    private const string Ready = "Ready";

    public static Command Create()
    {
        var broker = new Option<string>("--nats") { Description = "NATS broker of the server", Required = true };
        var nodes = new Option<int>("--nodes") { Description = "How many", Required = true };
        var datasets = new Option<int>("--datasets") { Description = "Datasets of the cluster, which the nodes tell the size of" };
        var presence = new Option<double>("--presence") { Description = "Seconds between two words of a node that it is there", DefaultValueFactory = static _ => NodePresence.Interval.TotalSeconds };
        var work = new Option<double>("--work") { Description = "Milliseconds that a piece of work takes", DefaultValueFactory = static _ => 50 };
        var vault = new Option<bool>("--vault") { Description = "And the one that vault.sql makes, for backups" };
        var atOnce = new Option<int>("--at-once") { Description = "How many introduce themselves at once", DefaultValueFactory = static _ => 1000 };
        var watched = new WatchedProcesses();
        var target = new ResultTarget();
        var command = new Command("nodes", "Nodes that take work, answer and tell that they are there, until told to stop. They have no storage.") { broker, nodes, datasets, presence, work, vault, atOnce };
        watched.AddTo(command);
        target.AddTo(command);
        command.SetAction((parsed, cancel) =>
        {
            var times = new NodeTimes(TimeSpan.FromSeconds(parsed.GetValue(presence)), TimeSpan.FromMilliseconds(parsed.GetValue(work)));
            var cluster = new Cluster(parsed.GetValue(nodes), parsed.GetValue(datasets), new NatsSettings(parsed.GetRequiredValue(broker)), times, parsed.GetValue(vault));
            return RunAsync(cluster, parsed.GetValue(atOnce), watched.Read(parsed), target.Read(parsed), cancel);
        });
        return command;
    }

    private static async Task<int> RunAsync(Cluster cluster, int atOnce, CpuWatch watch, ResultFile results, CancellationToken cancel)
    {
        var time = TimeProvider.System;
        using var logs = LoggerFactory.Create(static logging => logging.AddSimpleConsole(static console => console.SingleLine = true).SetMinimumLevel(LogLevel.Warning));
        var counts = new NodeCounts();
        SimulatedNode[] nodes = [.. cluster.All(counts, time, logs.CreateLogger("node"))];
        try
        {
            await using var queues = await QueuesTaken.ListenAsync(cluster.Broker.Url);
            var taken = queues.WaitAsync(nodes.Length * QueueLimit.Defaults.Count, cancel);
            var start = time.GetTimestamp();
            watch.Begin();
            await Parallel.ForEachAsync(nodes, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = cancel }, static async (node, c) => await node.StartAsync(c));
            var table = results.Table("Nodes that start", "All at once: seconds until the server knows all of them, and until all read their queues; and CPUs meanwhile");
            table.Add("all are known, s", time.GetElapsedTime(start).TotalSeconds);
            await Task.WhenAny([taken, .. nodes.Select(static n => FailureAsync(n.Work))]).Unwrap();
            table.Add("all read their queues, s", time.GetElapsedTime(start).TotalSeconds);
            watch.AddTo(table);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Ready}: {nodes.Length} nodes in {time.GetElapsedTime(start).TotalSeconds:0.0} s"));
            await Task.WhenAny([Task.Delay(Timeout.Infinite, cancel), .. nodes.Select(static n => FailureAsync(n.Work))]).Unwrap();
        }
        catch (OperationCanceledException) when (cancel.IsCancellationRequested)
        {
            // Told to stop.
        }
        finally
        {
            Console.WriteLine(counts);
            await Parallel.ForEachAsync(nodes, CancellationToken.None, static async (node, _) => await node.DisposeAsync());
        }
        return 0;
    }

    private static async Task FailureAsync(Task work)
    {
        await work;
        throw new InvalidOperationException("A node stopped by itself.");
    }

    /// <summary>As rows.sql makes it: dataset D is on node D % N + 1.</summary>
    private sealed record Cluster(int Nodes, int Datasets, NatsSettings Broker, NodeTimes Times, bool HasVault)
    {
        public IEnumerable<SimulatedNode> All(NodeCounts counts, TimeProvider time, ILogger log)
        {
            foreach (var number in Enumerable.Range(1, Nodes))
                yield return Node(number, counts, time, log);
            if (HasVault)
                yield return new("vault.example.org", [], Broker, Times, counts, time, log, pool: "vault/backup");
        }

        private SimulatedNode Node(int number, NodeCounts counts, TimeProvider time, ILogger log)
        {
            var datasets = new List<string>();
            for (var d = number == 1 ? Nodes : number - 1; d <= Datasets; d += Nodes)
                datasets.Add(d.ToString(CultureInfo.InvariantCulture));
            return new(string.Create(CultureInfo.InvariantCulture, $"node{number}.example.org"), datasets, Broker, Times, counts, time, log);
        }
    }
}
