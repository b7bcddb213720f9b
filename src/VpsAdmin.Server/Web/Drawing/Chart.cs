using System.Globalization;

namespace VpsAdmin.Server.Web.Drawing;

/// <param name="Value">In the unit of the chart.</param>
public sealed record ChartPoint(DateTimeOffset At, double Value);

/// <summary>A line of a chart.</summary>
public sealed record ChartSeries(string Name, IReadOnlyList<ChartPoint> Points);

/// <param name="Place">From 0 to 1, from the left or from below.</param>
public sealed record ChartTick(double Place, string Label);

/// <param name="X">From 0 to 1, from the left.</param>
/// <param name="Y">From 0 to 1, from below.</param>
/// <param name="Value">How much it was, as it is written.</param>
public sealed record ChartDot(double X, double Y, DateTimeOffset At, string Value)
{
    /// <summary>When it was and how much.</summary>
    public string Words => $"{Shown.Time(At)}: {Value}";
}

/// <summary>Points of a series.</summary>
public sealed record ChartLine(string Name, IReadOnlyList<ChartDot> Points);

/// <param name="Values">One for each line; empty: it had none at that time.</param>
public sealed record ChartRow(DateTimeOffset At, IReadOnlyList<string> Values);

/// <summary>A drawing of values over time: where all is, in parts of its width and height. The vertical axis begins at nothing.</summary>
public sealed record Chart(IReadOnlyList<ChartLine> Lines, IReadOnlyList<ChartTick> Times, IReadOnlyList<ChartTick> Values)
{
    private const int TimeTicks = 4;

    /// <summary>The same as a table, for those who see no drawing: the newest times first, and of each what every line was then.</summary>
    public IReadOnlyList<ChartRow> Rows(int most) =>
    [
        .. Lines.SelectMany(static (line, i) => line.Points.Select(point => (Line: i, Point: point))).GroupBy(static p => p.Point.At).OrderByDescending(static g => g.Key).Take(most)
            .Select(g => new ChartRow(g.Key, [.. Enumerable.Range(0, Lines.Count).Select(i => string.Join(", ", g.Where(p => p.Line == i).Select(static p => p.Point.Value)))])),
    ];

    /// <summary>Steps that people count in, for bytes and for seconds alike.</summary>
    private static readonly double[] Steps = [1, 2, 5, 10];

    /// <param name="label">How a value is written.</param>
    /// <param name="step">What labels are whole multiples of powers of: 1024 for bytes, 10 for all else.</param>
    public static Chart Draw(IReadOnlyList<ChartSeries> series, Func<double, string> label, double step = 10)
    {
        var all = series.SelectMany(static s => s.Points).ToList();
        if (all.Count == 0)
            return new([], [], []);
        var (from, to) = (all.Min(static p => p.At), all.Max(static p => p.At));
        var (span, grid) = ((to - from).TotalSeconds, Grid(all.Max(static p => p.Value), step));
        var top = grid[^1];
        return new(
            [.. series.Select(s => new ChartLine(s.Name, [.. s.Points.OrderBy(static p => p.At).Select(p => new ChartDot(X(p.At), p.Value / top, p.At, label(p.Value)))]))],
            [.. Enumerable.Range(0, span == 0 ? 1 : TimeTicks).Select(i => from + (to - from) * i / Math.Max(1, TimeTicks - 1)).Select(t => new ChartTick(X(t), Time(t, to - from)))],
            [.. grid.Select(v => new ChartTick(v / top, label(v)))]);

        double X(DateTimeOffset at) => span == 0 ? 0.5 : (at - from).TotalSeconds / span;
    }

    /// <summary>From nothing to no less than the greatest value, in two to five equal steps.</summary>
    private static double[] Grid(double most, double step)
    {
        if (most <= 0)
            return [0, 1];
        var unit = Math.Pow(step, Math.Floor(Math.Log(most, step)));
        var scale = unit * Math.Pow(10, Math.Floor(Math.Log10(most / unit / 4) + 1e-9));
        var width = Steps.Select(s => s * scale).First(w => most / w <= 5);
        return [.. Enumerable.Range(0, (int)Math.Ceiling(most / width) + 1).Select(i => i * width)];
    }

    private static string Time(DateTimeOffset time, TimeSpan span) =>
        time.UtcDateTime.ToString(span > TimeSpan.FromDays(2) ? "yyyy-MM-dd" : "MM-dd HH:mm", CultureInfo.InvariantCulture);
}
