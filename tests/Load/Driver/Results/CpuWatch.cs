using System.Globalization;

namespace VpsAdmin.Load.Results;

/// <summary>How many CPUs processes keep busy, with all that they started, and what they have in memory. From <c>/proc</c>.</summary>
internal sealed class CpuWatch(IReadOnlyList<(string Name, int Pid)> processes)
{
    /// <summary>Clock ticks in a second: <c>USER_HZ</c> is 100 wherever .NET runs.</summary>
    private const double Ticks = 100;

    private const double Mebibyte = 1 << 20;

    private readonly Dictionary<string, double> _before = [];
    private long _start;

    public void Begin()
    {
        _start = TimeProvider.System.GetTimestamp();
        var all = ProcessTable.Read();
        foreach (var (name, pid) in processes)
            _before[name] = Seconds(all.Family(pid));
    }

    /// <summary>How many CPUs each keeps busy, and, where something was done, what one of it costs: that does not depend on what else the machine does.</summary>
    /// <param name="what">Such as <c>chain</c>.</param>
    public void AddTo(ResultTable table, int done = 0, string what = "")
    {
        var passed = TimeProvider.System.GetElapsedTime(_start).TotalSeconds;
        var all = ProcessTable.Read();
        var used = processes.Select(p => (p.Name, Seconds: Seconds(all.Family(p.Pid)) - _before[p.Name])).ToList();
        foreach (var (name, seconds) in used)
            table.Add($"CPUs that {name} keeps busy", (seconds / passed).ToString("0.00", CultureInfo.InvariantCulture));
        foreach (var (name, seconds) in used.Where(_ => done > 0))
            table.Add($"CPU of {name} for a {what}, ms", seconds * 1000 / done);
    }

    public void AddMemoryTo(ResultTable table)
    {
        var all = ProcessTable.Read();
        foreach (var (name, pid) in processes)
            table.Add($"memory of {name}, MiB", all.Family(pid).Sum(static p => p.OwnPages) * Environment.SystemPageSize / Mebibyte);
    }

    private static double Seconds(IEnumerable<ProcessTable.Row> family) => family.Sum(static p => p.Ticks) / Ticks;
}
