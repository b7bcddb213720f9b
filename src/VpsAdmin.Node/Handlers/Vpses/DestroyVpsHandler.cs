using System.Text.Json.Nodes;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Node.Handlers.Vpses;

/// <summary>3002: forgets a VPS: it is killed if it runs, and what the runtime keeps of it goes. Its datasets are not touched.</summary>
internal sealed class DestroyVpsHandler(VpsHomes homes, IVpsRuntime runtime)
    : TransactionHandler<DestroyVpsInput>(TransactionType.DestroyVps, NodeJson.Default.DestroyVpsInput)
{
    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, DestroyVpsInput input, CancellationToken cancel)
    {
        if (await homes.FindAsync(input.Place, cancel).ConfigureAwait(false) is not { } home)
            return null;
        await runtime.StopAsync(home, TimeSpan.Zero, cancel).ConfigureAwait(false);
        Directory.Delete(home.Folder, recursive: true);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, DestroyVpsInput input, CancellationToken cancel)
    {
        if (await homes.FindAsync(input.Place, cancel).ConfigureAwait(false) is null)
            throw new TransactionException($"VPS {input.Place.VpsId} is no longer set up on {input.Place.Filesystem}, and its settings cannot be brought back from there.");
    }
}
