namespace VpsAdmin.Server.Web.Drawing;

/// <summary>A maintenance window as a row of a form. What is filled in wrongly is kept as it is: the server says why it is no window.</summary>
/// <param name="Day">Such as <c>Sat</c>.</param>
/// <param name="Opens">Such as <c>22:00</c>, in UTC.</param>
/// <param name="Closes">Such as <c>24:00</c>, on the same day.</param>
public sealed record WindowRow(string Day, string Opens, string Closes)
{
    public static readonly WindowRow Blank = new("", "", "");

    /// <summary>As windows name them, the week beginning with Monday.</summary>
    public static readonly IReadOnlyList<string> Days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

    private bool IsBlank => Day.Length + Opens.Length + Closes.Length == 0;

    /// <param name="windows">As the API gives them: <c>Sat 22:00-24:00, Sun 00:00-06:00</c>.</param>
    public static IReadOnlyList<WindowRow> Read(string? windows) =>
    [
        .. (windows ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Select(static w => w.Split(' ', '-') is [var day, var opens, var closes] ? new WindowRow(NameOf(day), opens, closes) : new WindowRow("", w, "")),
    ];

    /// <returns>As the API takes them; rows in which nothing is filled in are none.</returns>
    public static string Write(IEnumerable<WindowRow> rows) => string.Join(", ", rows.Where(static r => !r.IsBlank).Select(static r => $"{r.Day} {r.Opens}-{r.Closes}"));

    private static string NameOf(string day) => Days.FirstOrDefault(d => string.Equals(d, day, StringComparison.OrdinalIgnoreCase)) ?? day;
}
