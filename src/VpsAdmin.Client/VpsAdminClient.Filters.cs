using System.Text.Json.Nodes;

namespace VpsAdmin.Client;

/// <summary>Which virtual servers; null does not matter.</summary>
/// <param name="ObjectState">Such as <c>active</c> or <c>suspended</c>.</param>
public sealed record VpsFilter(long? UserId = null, long? NodeId = null, string? ObjectState = null);

/// <summary>Which datasets; null does not matter.</summary>
/// <param name="VpsId">Of this VPS.</param>
/// <param name="RootId">This dataset and what is below it.</param>
/// <param name="Role">Of the pools: hypervisor, primary or backup; by default the first two.</param>
/// <param name="ToDepth">Levels below the top that are shown.</param>
public sealed record DatasetFilter(long? UserId = null, long? VpsId = null, long? RootId = null, string? Role = null, int? ToDepth = null);

public sealed partial class VpsAdminClient
{
    /// <remarks>Servers drop a filter by user silently when the caller may not use it; looking at the answer as well costs nothing.</remarks>
    public async Task<IReadOnlyList<Vps>> ListVpsesAsync(VpsFilter filter, CancellationToken cancel)
    {
        var input = new JsonObject();
        Set(input, "user", filter.UserId);
        Set(input, "node", filter.NodeId);
        Set(input, "object_state", filter.ObjectState);
        var vpses = await ManyAsync("vps#index", [], input.Count == 0 ? null : input, ResourceReader.Vps, cancel).ConfigureAwait(false);
        return [.. vpses.Where(v => IsOf(v.User, filter.UserId) && IsOf(v.Node, filter.NodeId))];
    }

    public async Task<IReadOnlyList<Dataset>> ListDatasetsAsync(DatasetFilter filter, CancellationToken cancel)
    {
        var input = filter.VpsId is { } vps ? await DatasetsOfAsync(vps, cancel).ConfigureAwait(false) : new JsonObject();
        Set(input, "user", filter.UserId);
        Set(input, "dataset", filter.RootId);
        Set(input, "role", filter.Role);
        Set(input, "to_depth", filter.ToDepth);
        var datasets = await ManyAsync("dataset#index", [], input.Count == 0 ? null : input, ResourceReader.Dataset, cancel).ConfigureAwait(false);
        return [.. datasets.Where(d => IsOf(d.User, filter.UserId))];
    }

    /// <summary>A server that does not show the reference is believed.</summary>
    private static bool IsOf(Reference? reference, long? id) => id is null || reference is null || reference.Id == id;
}
