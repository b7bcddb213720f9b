using System.Globalization;

namespace VpsAdmin.Lab;

/// <summary>
/// How long the laboratory goes on (docs/fault-laboratory.md). A short run by default; with <c>VPSADMIN_FAULTS=full</c> the long one; and each number by a
/// variable of its own. Never another code path.
/// </summary>
internal static class Extent
{
    /// <summary>Transfers with faults.</summary>
    public static int Cases => Of("CASES", 150, 5000);

    /// <summary>Kills of a program that saves a file.</summary>
    public static int Kills => Of("KILLS", 6, 500);

    /// <summary>Kills of a program that makes a backup on a real ZFS.</summary>
    public static int ZfsKills => Of("ZFS_KILLS", 2, 50);

    /// <summary>Kills of a server or a node in the middle of its work, on a real ZFS.</summary>
    public static int ClusterKills => Of("CLUSTER_KILLS", 3, 100);

    /// <summary>Inputs of each parser.</summary>
    public static int Inputs => Of("INPUTS", 3000, 200_000);

    /// <summary>Of transfers side by side.</summary>
    public static TimeSpan Soak => TimeSpan.FromSeconds(Of("SOAK_SECONDS", 5, 600));

    private static int Of(string name, int some, int many) =>
        int.TryParse(Environment.GetEnvironmentVariable("VPSADMIN_FAULTS_" + name), CultureInfo.InvariantCulture, out var said) ? said
        : Environment.GetEnvironmentVariable("VPSADMIN_FAULTS") == "full" ? many : some;
}
