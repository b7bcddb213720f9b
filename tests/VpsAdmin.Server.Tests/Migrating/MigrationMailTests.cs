using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Mail;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Tests.Vpses;

namespace VpsAdmin.Server.Tests.Migrating;

/// <summary>Owners learn that their VPSes are going to move, that one begins to, and that it has moved.</summary>
public sealed class MigrationMailTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task An_owner_gets_one_mail_of_all_his_vpses_where_the_plan_says_so(bool sendMail)
    {
        await using var server = await RunningServer.StartAsync(configure: static options => options with { Mail = new MailOptions("127.0.0.1", From: "vpsadmin@example.org") });
        using var api = await server.ConnectAsAdministratorAsync();
        var (node, owner) = (await server.AddNodeAsync(), await server.AddUserAsync("alice"));
        await server.QueryAsync(db => db.Users.Where(u => u.Id == owner).ExecuteUpdateAsync(static set => set.SetProperty(static u => u.Email, "alice@example.org")));
        var vpses = new[] { await server.AddVpsAsync(userId: owner, template: null), await server.AddVpsAsync(userId: owner, template: null) };
        var plan = (long)(await api.CallAsync("migration_plan#create", [], new JsonObject { ["send_mail"] = sendMail, ["reason"] = "New disks" }, null, Cancel)).Object["id"]!;
        foreach (var vps in vpses)
            await api.CallAsync("migration_plan.vps_migration#create", [plan], new JsonObject { ["vps"] = vps, ["dst_node"] = node }, null, Cancel);
        await api.CallAsync("migration_plan#start", [plan], null, null, Cancel);

        var first = await server.Node.NextAsync(Cancel);
        Assert.Equal(sendMail ? TransactionType.SendMail : TransactionType.CreateSnapshots, first.Type);
        if (!sendMail)
            return;
        var mail = first.Input.Deserialize(NodeJson.Default.SendMailInput)!;
        Assert.Equal("alice@example.org", mail.To);
        Assert.Contains($"{vpses[0]} (vps.example.org) to node2.example.org, {vpses[1]} (vps.example.org) to node2.example.org", mail.Body, StringComparison.Ordinal);
        Assert.Contains("New disks", mail.Body, StringComparison.Ordinal);
        // Each of the moves tells by itself, with the plan's reason; they begin at once.
        var begun = new List<SendMailInput>();
        foreach (var _ in vpses)
            begun.Add((await server.Node.NextAsync(Cancel)).Input.Deserialize(NodeJson.Default.SendMailInput)!);
        Assert.Equal(vpses.Select(static vps => $"Your VPS {vps} begins to move to another node"), begun.Select(static m => m.Subject).Order(StringComparer.Ordinal));
        Assert.All(begun, static m => Assert.Contains("New disks", m.Body, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{ "reason": "New disks\nBcc: all@example.org" }""", true)]
    [InlineData("""{ "send_mail": false }""", false)]
    public async Task An_owner_is_told_when_one_begins_to_move_and_when_it_has_moved(string input, bool told)
    {
        await using var server = await RunningServer.StartAsync(configure: static options => options with { Mail = new MailOptions("127.0.0.1", From: "vpsadmin@example.org") });
        using var api = await server.ConnectAsAdministratorAsync();
        var (node, owner) = (await server.AddNodeAsync(), await server.AddUserAsync("alice"));
        await server.QueryAsync(db => db.Users.Where(u => u.Id == owner).ExecuteUpdateAsync(static set => set.SetProperty(static u => u.Email, "alice@example.org")));
        var vps = await server.AddVpsAsync(userId: owner, template: null);
        var asked = JsonNode.Parse(input)!.AsObject();
        asked["node"] = node;
        var chain = (await api.CallAsync("vps#migrate", [vps], asked, null, Cancel)).ActionStateId;

        var work = await server.QueryAsync(db => db.Transactions.Where(t => t.ChainId == chain).OrderBy(static t => t.Position).Select(static t => new { t.Type, t.Input }).ToListAsync());
        var mails = work.Where(static t => t.Type is TransactionType.SendMail).Select(static t => JsonSerializer.Deserialize(t.Input, NodeJson.Default.SendMailInput)!).ToList();
        Assert.Equal(told ? [$"Your VPS {vps} begins to move to another node", $"Your VPS {vps} has moved to another node"] : [], mails.Select(static m => m.Subject));
        Assert.All(mails, static m => Assert.Contains("Reason: New disks Bcc: all@example.org", m.Body, StringComparison.Ordinal));
        Assert.Equal(told, work[0].Type is TransactionType.SendMail);
    }
}
