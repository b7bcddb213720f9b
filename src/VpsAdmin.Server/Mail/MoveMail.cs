using System.Globalization;
using System.Text.Json;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Mail;

/// <summary>Tells an owner that a VPS begins to move and that it has moved, in the chain that moves it. A mail that cannot be sent undoes nothing.</summary>
public sealed class MoveMail(ServerOptions options, Installation installation)
{
    public void AppendBegun(ChainBuilder chain, Move move) => Append(chain, "vps_migration_begun", move);

    public void AppendFinished(ChainBuilder chain, Move move) => Append(chain, "vps_migration_finished", move);

    private void Append(ChainBuilder chain, string template, Move move)
    {
        if (options.Mail.Host is null || move.Vps.User.Email is not { Length: > 0 } to)
            return;
        var (subject, body) = MailTemplate.Render(template, new Dictionary<string, string>
        {
            ["login"] = move.Vps.User.FullName ?? move.Vps.User.Login,
            ["vps"] = move.Vps.Id.ToString(CultureInfo.InvariantCulture),
            ["hostname"] = move.Vps.Hostname,
            ["source"] = move.Source.DomainName,
            ["target"] = move.Target.DomainName,
            ["reason"] = move.Reason ?? "none was given",
        });
        chain.Append(installation.NodeId, TransactionType.SendMail, JsonSerializer.SerializeToNode(new SendMailInput(to, subject, body), NodeJson.Default.SendMailInput)!).KeepGoing();
    }

    /// <param name="Vps">Loaded with its owner.</param>
    /// <param name="Reason">Null: none was given.</param>
    public sealed record Move(Vps Vps, Data.Node Source, Data.Node Target, string? Reason);
}
