using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Handlers;

/// <summary>5216: sets properties of a filesystem, or takes back what was set.</summary>
internal sealed class SetDatasetHandler(ZfsHost zfs)
    : TransactionHandler<SetDatasetInput>(TransactionType.SetDataset, NodeJson.Default.SetDatasetInput)
{
    /// <summary>What the server may change. A mount point, for one, is the node's own matter.</summary>
    private static readonly HashSet<string> Settable =
        ["atime", "compression", "recordsize", "quota", "refquota", "relatime", "sync", "sharenfs"];

    /// <summary>These are of one filesystem and never inherited: <c>zfs inherit</c> refuses them.</summary>
    private static readonly HashSet<string> NeverInherited = ["quota", "refquota"];

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, SetDatasetInput input, CancellationToken cancel)
    {
        var target = Check(input);
        foreach (var (property, value) in input.Values)
            await SetAsync(target, property, value, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, SetDatasetInput input, CancellationToken cancel)
    {
        var target = Check(input);
        foreach (var (property, value) in input.Before)
        {
            try
            {
                if (await zfs.GetLocalPropertyAsync(target, property, cancel).ConfigureAwait(false) != value)
                    await SetAsync(target, property, value, cancel).ConfigureAwait(false);
            }
            catch (ZfsException exception) when (exception.StandardError.Contains("invalid property", StringComparison.Ordinal))
            {
                // This host's zfs does not know the property: that is why there is something to undo, and nothing was set.
            }
        }
    }

    private Task SetAsync(string target, string property, string? value, CancellationToken cancel) =>
        value is null && !NeverInherited.Contains(property)
            ? zfs.InheritPropertyAsync(target, property, cancel)
            : zfs.SetPropertyAsync(target, property, value ?? "none", cancel);

    private static string Check(SetDatasetInput input)
    {
        if (input.Values.Keys.Concat(input.Before.Keys).FirstOrDefault(property => !Settable.Contains(property)) is { } other)
            throw new TransactionException($"'{other}' is not a property that the server sets.");
        return PoolDataset.Name(input.Filesystem, input.Dataset);
    }
}
