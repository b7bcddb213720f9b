namespace VpsAdmin.Zfs;

/// <content>Properties, those of users among them.</content>
public sealed partial class ZfsHost
{
    /// <summary>The value set on <paramref name="dataset"/> itself, never an inherited one; null when unset.</summary>
    /// <remarks>A value that came with a replication stream (source <c>received</c>) is the dataset's own, too.</remarks>
    public async Task<string?> GetLocalPropertyAsync(string dataset, string property, CancellationToken cancel)
    {
        var value = await _zfs.RunAsync(
            ["get", "-Hp", "-s", "local,received", "-o", "value", ZfsArgument.Property(property), ZfsArgument.Dataset(dataset)], cancel).ConfigureAwait(false);
        return value.Length == 0 ? null : value[..^1]; // less the line's end: an empty value is a value
    }

    /// <summary>
    /// Every dataset at or below <paramref name="root"/> (or only <paramref name="root"/>) that has a value of its own for the property, never an
    /// inherited one, with that value.
    /// </summary>
    public Task<IReadOnlyDictionary<string, string>> ListLocalPropertyAsync(string root, string property, bool recurse, CancellationToken cancel) => ParseAsync(
        ["get", "-Hp", .. recurse ? Depth(null) : Depth(0), "-s", "local,received", "-o", "name,value", ZfsArgument.Property(property), ZfsArgument.Dataset(root)], ZfsOutput.Pairs, cancel);

    /// <summary>The same for several properties of just these datasets.</summary>
    public async Task<IReadOnlyDictionary<(string Dataset, string Property), string>> ListLocalPropertiesAsync(
        IReadOnlyList<string> datasets, IReadOnlyList<string> properties, CancellationToken cancel) => await ParseAsync(
        ["get", "-Hp", "-s", "local,received", "-o", "name,property,value", string.Join(',', properties.Select(ZfsArgument.Property)), .. datasets.Select(ZfsArgument.Dataset)],
        ZfsOutput.Triples, cancel).ConfigureAwait(false);

    public Task SetPropertyAsync(string dataset, string property, string value, CancellationToken cancel) =>
        _zfs.RunAsync(["set", ZfsArgument.Assignment(property, value), ZfsArgument.Dataset(dataset)], cancel);

    /// <summary>Takes a property's own value away: it has its parent's from then on, or the default.</summary>
    public Task InheritPropertyAsync(string dataset, string property, CancellationToken cancel) =>
        _zfs.RunAsync(["inherit", ZfsArgument.Property(property), ZfsArgument.Dataset(dataset)], cancel);

    /// <summary>The properties that are set on the dataset itself, user properties among them.</summary>
    public Task<IReadOnlyDictionary<string, string>> GetLocalPropertiesAsync(string dataset, CancellationToken cancel) =>
        ParseAsync(["get", "-Hp", "-s", "local", "-o", "property,value", "all", ZfsArgument.Dataset(dataset)], ZfsOutput.Pairs, cancel);
}
