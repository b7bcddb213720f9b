using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace VpsAdmin.PS.Connections;

/// <summary>
/// The connection that cmdlets use when none is given: one for each runspace, so that jobs and parallel pipelines do not take each other's.
/// </summary>
internal static class DefaultConnection
{
    private static readonly ConditionalWeakTable<Runspace, VpsAdminConnection> ByRunspace = [];

    /// <summary>Call on a pipeline thread; null when this runspace has none.</summary>
    public static VpsAdminConnection? Current =>
        Runspace.DefaultRunspace is { } runspace && ByRunspace.TryGetValue(runspace, out var connection) ? connection : null;

    /// <summary>Call on a pipeline thread.</summary>
    public static void Set(VpsAdminConnection connection) => ByRunspace.AddOrUpdate(Runspace.DefaultRunspace, connection);

    /// <summary>Forgets <paramref name="connection"/> if it is this runspace's.</summary>
    public static void Forget(VpsAdminConnection connection)
    {
        if (ReferenceEquals(Current, connection))
            ByRunspace.Remove(Runspace.DefaultRunspace);
    }
}
