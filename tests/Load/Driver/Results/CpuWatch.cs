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

    public void AddTo(ResultTable table)
    {
        var passed = TimeProvider.System.GetElapsedTime(_start).TotalSeconds;
        var all = ProcessTable.Read();
        foreach (var (name, pid) in processes)
        {
            var family = all.Family(pid);
            table.Add($"CPUs that {name} keeps busy", ((Seconds(family) - _before[name]) / passed).ToString("0.00", CultureInfo.InvariantCulture));
        }
        foreach (var (name, pid) in processes)
            table.Add($"memory of {name}, MiB", all.Family(pid).Sum(static p => p.OwnPages) * Environment.SystemPageSize / Mebibyte);
    }

    private static double Seconds(IEnumerable<ProcessTable.Row> family) => family.Sum(static p => p.Ticks) / Ticks;
}
