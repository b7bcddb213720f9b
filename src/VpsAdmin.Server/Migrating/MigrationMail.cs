using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Mail;

namespace VpsAdmin.Server.Migrating;

/// <summary>Tells owners that their VPSes are going to move: one mail for each, of all that are his in the plan.</summary>
public sealed class MigrationMail(VpsAdminDb db, ChainStarter chains, ServerOptions options, Installation installation)
{
    /// <summary>Nobody is told where there is no way for mail, or the plan says not to.</summary>
    public async Task TellPlannedAsync(long planId, CancellationToken cancel)
    {
        var plan = await db.MigrationPlans.AsNoTracking().Include(static p => p.Migrations).ThenInclude(static m => m.Vps).ThenInclude(static v => v.User)
            .Include(static p => p.Migrations).ThenInclude(static m => m.TargetNode).SingleAsync(p => p.Id == planId, cancel).ConfigureAwait(false);
        if (options.Mail.Host is null || !plan.SendMail)
            return;
        foreach (var owner in plan.Migrations.GroupBy(static m => m.Vps.UserId).Where(static o => o.First().Vps.User.Email is { Length: > 0 }))
        {
            var user = owner.First().Vps.User;
            var values = new Dictionary<string, string>
            {
                ["login"] = user.FullName ?? user.Login,
                ["vpses"] = string.Join(", ", owner.OrderBy(static m => m.VpsId).Select(static m => string.Create(CultureInfo.InvariantCulture, $"{m.VpsId} ({m.Vps.Hostname}) to {m.TargetNode.DomainName}"))),
                ["reason"] = plan.Reason ?? "none was given",
            };
            var (subject, body) = MailTemplate.Render("vps_migration_planned", values);
            await chains.StartAsync(new("mail", "Mail"), plan.UserId, chain =>
            {
                chain.Append(installation.NodeId, TransactionType.SendMail, JsonSerializer.SerializeToNode(new SendMailInput(user.Email!, subject, body), NodeJson.Default.SendMailInput)!);
                return Task.FromResult(planId);
            }, cancel).ConfigureAwait(false);
        }
    }
}
