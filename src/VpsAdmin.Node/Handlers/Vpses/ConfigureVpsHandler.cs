using System.Text.Json.Nodes;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Node.Handlers.Vpses;

/// <summary>2003: sets a VPS up on this node, or changes its name, limits and addresses.</summary>
internal sealed class ConfigureVpsHandler(VpsHomes homes, IVpsRuntime runtime)
    : TransactionHandler<ConfigureVpsInput>(TransactionType.ConfigureVps, NodeJson.Default.ConfigureVpsInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, ConfigureVpsInput input, CancellationToken cancel)
    {
        var home = await homes.PrepareAsync(input.Place, cancel).ConfigureAwait(false);
        await runtime.ConfigureAsync(home, input.Configuration, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, ConfigureVpsInput input, CancellationToken cancel)
    {
        if (await homes.FindAsync(input.Place, cancel).ConfigureAwait(false) is not { } home)
            return;
        if (input.Before is not null)
            await runtime.ConfigureAsync(home, input.Before, cancel).ConfigureAwait(false);
        else
            Directory.Delete(home.Folder, recursive: true);
    }
}
