using System.Globalization;

namespace VpsAdmin.Node.Runtime;

/// <summary>What a VPS uses, as the kernel counts it: found by the groups that its first process is in, whatever they are called.</summary>
/// <param name="UsedMemory">Bytes; null where this kernel does not count it, as of the others.</param>
/// <param name="CpuTime">All that it has used since it started.</param>
internal sealed record CgroupUsage(long? UsedMemory, int? Processes, TimeSpan? CpuTime)
{
    private const string Hierarchies = "/sys/fs/cgroup";

    /// <param name="membership">Text of <c>/proc/PID/cgroup</c>.</param>
    /// <param name="read">Text of a file; null: it is not there.</param>
    public static CgroupUsage Read(string membership, Func<string, string?> read)
    {
        var groups = Parse(membership);
        return new(
            Number(In("memory", "memory.usage_in_bytes", "memory.current")),
            (int?)Number(In("pids", "pids.current", "pids.current")),
            CpuTime());

        string? In(string controller, string first, string second) => groups.TryGetValue(controller, out var group)
            ? read($"{Hierarchies}/{controller}{group}/{first}")
            : groups.TryGetValue("", out var unified) ? read($"{Hierarchies}{unified}/{second}") : null;

        TimeSpan? CpuTime()
        {
            if (groups.ContainsKey("cpuacct"))
                return Number(In("cpuacct", "cpuacct.usage", "")) is { } nanoseconds ? TimeSpan.FromTicks(nanoseconds / 100) : null;
            var line = In("cpuacct", "", "cpu.stat")?.Split('\n').FirstOrDefault(static l => l.StartsWith("usage_usec ", StringComparison.Ordinal));
            return Number(line?["usage_usec ".Length..]) is { } microseconds ? TimeSpan.FromMicroseconds(microseconds) : null;
        }
    }

    /// <summary>Groups by controller; the unified hierarchy's is the one of the empty name.</summary>
    private static Dictionary<string, string> Parse(string membership)
    {
        var groups = new Dictionary<string, string>();
        foreach (var fields in membership.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => line.Split(':', 3)).Where(static f => f.Length == 3))
        {
            foreach (var controller in fields[1].Split(','))
                groups[controller] = fields[2] is "/" ? "" : fields[2];
        }
        return groups;
    }

    private static long? Number(string? text) => long.TryParse(text?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
