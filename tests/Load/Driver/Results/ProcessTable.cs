using System.Globalization;

namespace VpsAdmin.Load.Results;

/// <summary>The processes of this machine at one moment.</summary>
internal sealed class ProcessTable(IReadOnlyList<ProcessTable.Row> rows)
{
    /// <param name="Ticks">Of CPU time, with that of children that have ended.</param>
    /// <param name="OwnPages">In memory and not shared: those of PostgreSQL's buffers would count once for each of its processes.</param>
    public sealed record Row(int Pid, int Parent, long Ticks, long OwnPages);

    public static ProcessTable Read() =>
        new([.. Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(Path.GetFileName(path)[0])).Select(Read).OfType<Row>()]);

    /// <summary>A process and all below it.</summary>
    public IEnumerable<Row> Family(int pid) =>
        rows.Where(row => row.Pid == pid).Concat(rows.Where(row => row.Parent == pid).SelectMany(row => Family(row.Pid)));

    private static Row? Read(string path)
    {
        try
        {
            var stat = File.ReadAllText(Path.Combine(path, "stat"));
            // The name before it, in parentheses, may have anything in it. What follows is proc_pid_stat(5) from its third field on.
            var fields = stat[(stat.LastIndexOf(')') + 2)..].Split(' ');
            var memory = File.ReadAllText(Path.Combine(path, "statm")).Split(' ');
            return new(
                int.Parse(Path.GetFileName(path), CultureInfo.InvariantCulture), (int)Number(fields[1]),
                Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]), Number(memory[1]) - Number(memory[2]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null; // It has ended.
        }
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);
}
