namespace VpsAdmin.Server.Web.Drawing;

/// <summary>A table of snapshots has the colors of their drawing.</summary>
internal static class HistoryColor
{
    public const int Count = 6;

    /// <returns>A class of the stylesheet.</returns>
    public static string Of(Timeline drawing, long historyId) => $"h{(drawing.Lanes.FirstOrDefault(l => l.HistoryId == historyId)?.Lane ?? 0) % Count}";
}
