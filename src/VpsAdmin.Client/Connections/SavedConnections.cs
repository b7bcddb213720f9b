namespace VpsAdmin.Client.Connections;

/// <summary>The saved connections of one person. Immutable.</summary>
/// <param name="Default">Name of the one that is used when nothing else is said; null when there is none.</param>
public sealed record SavedConnections(string? Default, IReadOnlyList<SavedConnection> All)
{
    public static SavedConnections None { get; } = new(null, []);

    /// <returns>Null when there is none of this name.</returns>
    public SavedConnection? Find(string? name) => name is null ? null : All.FirstOrDefault(c => ConnectionName.Comparer.Equals(c.Name, name));

    /// <summary>In place of one of the same name. The last one saved is the default.</summary>
    public SavedConnections With(SavedConnection connection) =>
        new(connection.Name, [.. All.Where(c => !ConnectionName.Comparer.Equals(c.Name, connection.Name)), connection]);

    /// <summary>News of one that is saved; the default stays what it is.</summary>
    public SavedConnections Replaced(SavedConnection connection) =>
        this with { All = [.. All.Select(c => ConnectionName.Comparer.Equals(c.Name, connection.Name) ? connection : c)] };

    /// <summary>Without a default when it was that: nobody's commands shall go to a server that they did not choose.</summary>
    public SavedConnections Without(string name) => new(
        ConnectionName.Comparer.Equals(Default, name) ? null : Default,
        [.. All.Where(c => !ConnectionName.Comparer.Equals(c.Name, name))]);
}
