using System.CommandLine;
using System.Globalization;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>vpsadmin-server chain resolve</c></summary>
internal static class ChainCommand
{
    public static Command Create(IConfiguration configuration, TimeProvider time)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var broker = new BrokerArguments(configuration);
        var id = new Argument<long>("ID");
        var nodeIsGone = new Option<bool>("--node-is-gone") { Description = "The chain waits for a node that will not come back; what that node has done counts as undone" };
        var resolve = new Command("resolve", "Ends a chain that could not be undone, when what it left has been looked at; its locks are released.") { id, data, nodeIsGone };
        broker.AddTo(resolve);
        resolve.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            // Nobody in this process follows chains; servers that do are told by the database.
            var (chainId, ends) = (parsed.GetRequiredValue(id), new ChainResolution(db, new ChainSignals(), time));
            var chain = parsed.GetValue(nodeIsGone)
                ? await ends.AbandonAsync(chainId, await GoneAsync(db, chainId, parsed.GetRequiredValue(data), broker.Read(parsed), cancel).ConfigureAwait(false), cancel).ConfigureAwait(false)
                : await ends.ResolveAsync(chainId, cancel).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"Chain {chain.Id} ({chain.Label}) is resolved.")).ConfigureAwait(false);
        });
        return new("chain", "Transaction chains.") { resolve };
    }

    /// <returns>The node that the chain waits for, and that is not there.</returns>
    private static async Task<long> GoneAsync(VpsAdminDb db, long chainId, string dataDirectory, BrokerOptions? broker, CancellationToken cancel)
    {
        var node = await db.Transactions.Where(t => t.ChainId == chainId && (t.State == StepState.Running || t.State == StepState.Undoing)).Select(static t => t.Node)
            .SingleOrDefaultAsync(cancel).ConfigureAwait(false) ?? throw ActionRefusedException.Refused("this transaction chain waits for no node");
        if (Installation.OwnNode(await db.Nodes.OrderBy(static n => n.Id).ToListAsync(cancel).ConfigureAwait(false), dataDirectory).Id == node.Id)
            throw ActionRefusedException.Refused($"node {node.DomainName} is in the server: the chain goes on when the server runs");
        if (broker is null)
            throw new SetupException("--node-is-gone: only the broker knows whether a node is there, and --nats tells where the broker is.");
        if (await broker.AskAsync("vpsadmin-server chain", presence => presence.FindAsync(node.Id, cancel), cancel).ConfigureAwait(false) is not null)
            throw ActionRefusedException.Refused($"node {node.DomainName} is there, or was less than 45 seconds ago: the chain goes on by itself");
        return node.Id;
    }
}
