using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using VpsAdmin.Client.Connections;

namespace VpsAdmin.PS.Connections;

/// <summary>
/// The open connections of one runspace, so that jobs and parallel pipelines do not take each other's. For the pipeline thread.
/// </summary>
internal sealed class SessionConnections
{
    private static readonly ConditionalWeakTable<Runspace, SessionConnections> ByRunspace = [];

    private readonly Dictionary<string, VpsAdminConnection> _byName = new(ConnectionName.Comparer);
    private readonly HashSet<string> _left = new(ConnectionName.Comparer);
    private (EnvironmentConnection From, VpsAdminConnection Connection)? _environment;
    private VpsAdminConnection? _default;
    private VpsAdminConnection? _lastUsed;

    public static SessionConnections Here => ByRunspace.GetOrCreateValue(Runspace.DefaultRunspace);

    /// <summary>What the user connected to last; null when that was nothing, or is closed.</summary>
    public VpsAdminConnection? Default => _default is { IsConnected: true } ? _default : null;

    /// <summary>For completion: the default, or what commands used last without being told; null when nothing was used yet.</summary>
    public VpsAdminConnection? Usual => Default ?? (_lastUsed is { IsConnected: true } ? _lastUsed : null);

    public IReadOnlyList<VpsAdminConnection> All => [.. _byName.Values.Where(c => c.IsConnected)];

    public VpsAdminConnection? Find(string name) => _byName.GetValueOrDefault(name) is { IsConnected: true } connection ? connection : null;

    /// <summary>Takes its name; one that had it goes on under its variable alone.</summary>
    public void Add(VpsAdminConnection connection)
    {
        connection.Home = this;
        _byName[connection.Name] = connection;
        _left.Remove(connection.Name);
    }

    public void SetDefault(VpsAdminConnection connection)
    {
        Add(connection);
        _default = connection;
    }

    /// <summary>A connection that a command found by itself.</summary>
    public VpsAdminConnection Use(VpsAdminConnection connection) => _lastUsed = connection;

    /// <summary>The connection to what the environment names, if it is open and the environment still says the same.</summary>
    public VpsAdminConnection? Find(EnvironmentConnection environment) =>
        _environment is var (from, connection) && from == environment && connection.IsConnected ? connection : null;

    public void Add(EnvironmentConnection environment, VpsAdminConnection connection)
    {
        Add(connection);
        _environment = (environment, connection);
    }

    /// <summary>Commands do not go back by themselves to a saved connection that the user has left.</summary>
    public void Leave(VpsAdminConnection connection)
    {
        if (ReferenceEquals(_byName.GetValueOrDefault(connection.Name), connection))
            _byName.Remove(connection.Name);
        if (ReferenceEquals(_default, connection))
            _default = null;
        _left.Add(connection.Name);
    }

    public bool HasLeft(string name) => _left.Contains(name);
}
