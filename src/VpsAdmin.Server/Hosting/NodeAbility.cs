using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary>What nodes say that they can do.</summary>
internal static class NodeAbility
{
    /// <param name="ability">Null: it did not say.</param>
    public static void Note(Data.Node node, VpsAbility? ability)
    {
        node.RunsVpses = ability is { Refusal: null };
        node.VpsRefusal = ability is null ? "it is of a version that does not" : ability.Refusal;
        node.VpsTemplates = string.Join(',', ability?.Templates ?? []);
    }

    /// <summary>Of the node in this process.</summary>
    public static async Task NoteAsync(IServiceScopeFactory scopes, long nodeId, VpsAbility ability, CancellationToken cancel)
    {
        var scope = scopes.CreateAsyncScope();
        await using var _ = scope.ConfigureAwait(false);
        var db = scope.ServiceProvider.GetRequiredService<VpsAdminDb>();
        Note(await db.Nodes.SingleAsync(n => n.Id == nodeId, cancel).ConfigureAwait(false), ability);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    }
}
