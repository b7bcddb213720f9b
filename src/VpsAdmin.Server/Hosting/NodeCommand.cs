using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>vpsadmin-server node add</c> and <c>node permissions</c></summary>
internal static class NodeCommand
{
    private static readonly IReadOnlyList<string> Roles = ["hypervisor", "primary", "backup"];

    public static Command Create(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var name = new Argument<string>("NAME") { Description = "Domain name, such as node2.example.org" };
        var role = new Option<string>("--role") { Description = "What the node's pools are for; others than that are added first (pool add --node)", HelpName = "ROLE", DefaultValueFactory = static _ => Roles[0] };
        role.AcceptOnlyFromAmong([.. Roles]);
        var add = new Command("add", "Adds a node that is a process of its own; its pools are added when it introduces itself.") { name, data, role };
        add.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            var domainName = parsed.GetRequiredValue(name).ToLowerInvariant();
            if (!ServerOptions.IsDomainName(domainName))
                throw new SetupException($"'{domainName}' is not a domain name, such as node2.example.org.");
            var nodes = await db.Nodes.OrderBy(static n => n.Id).ToListAsync(cancel).ConfigureAwait(false);
            if (nodes.Exists(n => n.DomainName == domainName))
                throw new SetupException($"There is a node '{domainName}' already.");
            var node = new Data.Node
            {
                Name = domainName.Split('.')[0], DomainName = domainName, LocationId = nodes[0].LocationId, Role = (PoolRole)Roles.ToList().IndexOf(parsed.GetRequiredValue(role)),
            };
            db.Nodes.Add(node);
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"Node {node.Id} ({domainName}) was added. Start it there: vpsadmin-node serve --name {domainName}").ConfigureAwait(false);
        });
        return new("node", "Machines with pools.") { add, Permissions(configuration) };
    }

    private static Command Permissions(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var name = new Argument<string>("NAME") { Description = "Domain name" };
        var command = new Command("permissions", "Prints what the node needs on the broker, for its user in nats-server's configuration.") { name, data };
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            var domainName = parsed.GetRequiredValue(name);
            var node = await db.Nodes.SingleOrDefaultAsync(n => n.DomainName == domainName, cancel).ConfigureAwait(false)
                ?? throw new SetupException($"There is no node '{domainName}'; add it: vpsadmin-server node add {domainName}");
            await parsed.InvocationConfiguration.Output.WriteLineAsync(Nats.NodePermissions.Write(node.Id, node.DomainName, QueueLimit.Defaults.Select(static q => q.Name))).ConfigureAwait(false);
        });
        return command;
    }
}
