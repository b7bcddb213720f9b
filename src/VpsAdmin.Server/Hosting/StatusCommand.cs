using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>vpsadmin-server status</c></summary>
internal static class StatusCommand
{
    public static Command Create(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var broker = new BrokerArguments(configuration);
        var command = new Command("status", "Tells whether the server runs, which nodes are there, what their pools are, and which chains need somebody.") { data };
        broker.AddTo(command);
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var nodes = await NodesAsync(db, parsed.GetRequiredValue(data), broker.Read(parsed), cancel).ConfigureAwait(false);
            await output.WriteLineAsync(await ServerAsync(parsed.GetRequiredValue(data), cancel).ConfigureAwait(false)).ConfigureAwait(false);
            foreach (var line in nodes)
                await output.WriteLineAsync(line).ConfigureAwait(false);
            foreach (var pool in await db.Pools.Include(static p => p.Node).OrderBy(static p => p.Id).ToListAsync(cancel).ConfigureAwait(false))
                await output.WriteLineAsync(Line($"Pool {pool.Id}: {pool.Filesystem} on {pool.Node.DomainName} ({pool.Role})")).ConfigureAwait(false);
            foreach (var states in await db.TransactionChains.GroupBy(static c => c.State).Select(static g => new { State = g.Key, Count = g.Count() }).OrderBy(static g => g.State).ToListAsync(cancel).ConfigureAwait(false))
                await output.WriteLineAsync(Line($"Chains {states.State}: {states.Count}")).ConfigureAwait(false);
            foreach (var fatal in await db.TransactionChains.Where(static c => c.State == ChainState.Fatal).Include(static c => c.Transactions).OrderBy(static c => c.Id).ToListAsync(cancel).ConfigureAwait(false))
                await output.WriteLineAsync(Line($"Chain {fatal.Id} ({fatal.Label}) could not be undone: {fatal.Transactions.Find(static t => t.State is StepState.UndoFailed)?.Error}")).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<string> ServerAsync(string dataDirectory, CancellationToken cancel)
    {
        var address = Path.Combine(dataDirectory, DataDirectory.ServerUrlName);
        return File.Exists(address) ? $"The server runs at {(await File.ReadAllTextAsync(address, cancel).ConfigureAwait(false)).Trim()}" : "The server does not run.";
    }

    /// <summary>Of other nodes than the server's own only the broker knows whether they are there.</summary>
    private static async Task<IReadOnlyList<string>> NodesAsync(VpsAdminDb db, string dataDirectory, BrokerOptions? broker, CancellationToken cancel)
    {
        var nodes = await db.Nodes.OrderBy(static n => n.Id).ToListAsync(cancel).ConfigureAwait(false);
        var servers = Installation.OwnNode(nodes, dataDirectory);
        var others = nodes.FindAll(n => n != servers);
        var own = Line($"Node {servers.Id}: {servers.DomainName}, in the server");
        if (others.Count == 0)
            return [own];
        if (broker is null)
            return [own, .. others.Select(static n => Line($"Node {n.Id}: {n.DomainName}; --nats tells whether it is there"))];
        return await broker.AskAsync("vpsadmin-server status", async presence =>
        {
            var lines = new List<string> { own };
            foreach (var node in others)
                lines.Add(Line($"Node {node.Id}: {node.DomainName}, {(await presence.FindAsync(node.Id, cancel).ConfigureAwait(false) is { } status ? $"there, pools: {status.Pools.Count}" : "away")}"));
            return lines;
        }, cancel).ConfigureAwait(false);
    }

    private static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
