using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Resources;

/// <summary><c>vps#console_log</c>: what a VPS's system said on its console, read on its node.</summary>
internal static class VpsConsoleAction
{
    private static readonly OutputShape<ConsoleText> Shape = new(static c => [c.VpsId],
    [
        new("text", ParameterType.Text, "Text", static c => c.Text) { Description = "As it was said, control characters included" },
    ]);

    public static ApiAction Declare() => new ApiAction<ConsoleText>("console_log", "GET", "Show what a VPS said on its console", Shape, ReadAsync)
    {
        SubPath = "{vps_id}/console_log",
        Inputs =
        [
            new("length", ParameterType.Integer, "Length") { Default = 16L << 10, Min = 1, Max = VpsConsole.Longest, Description = "Bytes from the end; a node keeps the last one to two MiB" },
        ],
    };

    private static async Task<ActionReply<ConsoleText>> ReadAsync(ActionContext context)
    {
        var vps = await context.Database().Vpses.VisibleTo(context.Caller).Placed().AsNoTracking().SingleOrDefaultAsync(v => v.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false)
            ?? throw ActionRefusedException.NotFound();
        if (vps.Template is null)
            throw ActionRefusedException.Refused("this VPS has no system, which could say anything");
        var seat = VpsSeat.Of(vps);
        var answer = await context.Services.GetRequiredService<IVpsConsoles>()
            .ReadAsync(seat.NodeId, new(seat.Place, (int)context.Input.Integer("length")!.Value), context.Cancel).ConfigureAwait(false)
            ?? throw ActionRefusedException.Refused($"node {vps.Node.DomainName} does not answer");
        return new([new(vps.Id, answer.Text ?? throw ActionRefusedException.Refused($"node {vps.Node.DomainName} cannot read what this VPS said"))]);
    }

    public sealed record ConsoleText(long VpsId, string Text);
}
