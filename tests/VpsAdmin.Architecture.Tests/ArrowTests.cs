using System.Reflection;

namespace VpsAdmin.Architecture.Tests;

/// <summary>Arrows point one way (docs/architecture.md).</summary>
public sealed class ArrowTests
{
    public static TheoryData<string, string[]> MayUse => new()
    {
        { "VpsAdmin.Zfs", [] },
        { "VpsAdmin.HaveApi", [] },
        { "VpsAdmin.Client", ["VpsAdmin.HaveApi"] },
        { "VpsAdmin.Transfer", ["VpsAdmin.Client", "VpsAdmin.HaveApi", "VpsAdmin.Zfs"] },
        { "VpsAdmin.Backup", ["VpsAdmin.Transfer", "VpsAdmin.Client", "VpsAdmin.HaveApi", "VpsAdmin.Zfs"] },
        { "VpsAdmin.PS", ["VpsAdmin.Backup", "VpsAdmin.Transfer", "VpsAdmin.Client", "VpsAdmin.HaveApi", "VpsAdmin.Zfs"] },
        { "VpsAdmin.Node", ["VpsAdmin.Zfs"] },
        { "VpsAdmin.Nats", ["VpsAdmin.Node", "VpsAdmin.Zfs"] },
        { "VpsAdmin.NodeWeb", ["VpsAdmin.Node", "VpsAdmin.Zfs"] },
        { "vpsadmin-node", ["VpsAdmin.Nats", "VpsAdmin.NodeWeb", "VpsAdmin.Node", "VpsAdmin.Zfs"] },
        { "vpsadmin-server", ["VpsAdmin.Nats", "VpsAdmin.NodeWeb", "VpsAdmin.Node", "VpsAdmin.HaveApi", "VpsAdmin.Zfs"] },
    };

    [Theory]
    [MemberData(nameof(MayUse))]
    public void A_room_refers_only_to_rooms_below_it(string room, string[] below)
    {
        var used = Room(room).GetReferencedAssemblies().Select(a => a.Name!).Where(n => n.StartsWith("VpsAdmin.", StringComparison.OrdinalIgnoreCase));
        Assert.Empty(used.Except(below));
    }

    [Fact]
    public void The_engine_is_seen_by_the_cmdlets_only() =>
        Assert.Empty(Others(Rooms.PS).SelectMany(room => Rooms.TypesUsing(room, "System.Management.Automation")));

    [Fact]
    public void The_database_is_seen_by_the_server_only() =>
        // A node has no credentials of it, and could not use them.
        Assert.Empty(Others(Rooms.Server).SelectMany(room => Rooms.TypesUsing(room, "Microsoft.EntityFrameworkCore")));

    [Fact]
    public void The_web_server_is_seen_by_those_who_serve_only() =>
        Assert.Empty(Others(Rooms.Server).Except([Rooms.NodeWeb, Rooms.NodeHost]).SelectMany(room => Rooms.TypesUsing(room, "Microsoft.AspNetCore")));

    [Fact]
    public void The_broker_is_seen_by_its_bus_and_by_those_who_connect_it_only() =>
        Assert.Equal(
            ["vpsadmin-node", "vpsadmin-server", "VpsAdmin.Nats"],
            Rooms.All.Where(static room => Rooms.TypesUsing(room, "NATS").Any()).Select(static room => room.GetName().Name).Order(StringComparer.OrdinalIgnoreCase));

    [Fact]
    public void The_cmdlets_use_no_package_themselves() =>
        // Their assembly is in the session's own load context, where packages of any version may be.
        Assert.All(Rooms.PS.GetReferencedAssemblies(), a => Assert.True(
            a.Name!.StartsWith("System", StringComparison.Ordinal) || a.Name.StartsWith("VpsAdmin.", StringComparison.Ordinal) || a.Name is "netstandard" or "Microsoft.Win32.Primitives", a.Name));

    [Fact]
    public void Zfs_knows_neither_the_network_nor_the_protocol() =>
        Assert.Empty(Rooms.TypesUsing(Rooms.Zfs, "System.Net.Http", "System.Text.Json"));

    [Fact]
    public void Decisions_about_backups_are_pure() =>
        Assert.DoesNotContain(Rooms.TypesUsing(Rooms.Backup, "System.IO", "System.Net.Http", "System.Diagnostics"), t => t.Contains("Planner", StringComparison.Ordinal));

    private static Assembly Room(string name) => Rooms.All.Single(a => a.GetName().Name == name);

    private static IEnumerable<Assembly> Others(Assembly room) => Rooms.All.Where(a => a != room);
}
