using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;

namespace VpsAdmin.Client;

public sealed partial class VpsAdminClient
{
    /// <summary>What a virtual server said on its console, in lines without control characters; the first one may have lost its beginning.</summary>
    /// <param name="length">Bytes from the end; null leaves the choice to the server.</param>
    public async Task<IReadOnlyList<string>> GetVpsConsoleLogAsync(long id, int? length, CancellationToken cancel)
    {
        var input = new JsonObject();
        Set(input, "length", length);
        var reply = await Api.CallAsync("vps#console_log", [id], input, null, cancel).ConfigureAwait(false);
        return reply.Object["text"] is JsonValue text && text.GetValueKind() is JsonValueKind.String
            ? ConsoleText.Lines(text.GetValue<string>())
            : throw new ProtocolException("The server's answer about the console has no text.");
    }

    /// <summary>Makes a virtual server's system anew; what was there is in a snapshot afterwards.</summary>
    /// <param name="template">Null: the same as before.</param>
    public Task<long?> ReinstallVpsAsync(long id, string? template, CancellationToken cancel) =>
        RunVpsAsync("vps#reinstall", id, template is null ? null : new JsonObject { ["template"] = template }, cancel);
}
