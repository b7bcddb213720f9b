using System.CommandLine;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>vpsadmin-server node add</c></summary>
internal static class NodeCommand
{
    private static readonly IReadOnlyList<string> Roles = ["hypervisor", "primary", "backup"];

    public static Command Create(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var name = new Argument<string>("NAME") { Description = "Domain name, such as node2.example.org" };
        var role = new Option<string>("--role") { Description = "What the node's pools are for", HelpName = "ROLE", DefaultValueFactory = static _ => Roles[0] };
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
        return new("node", "Machines with pools.") { add };
    }
}
