using System.Management.Automation;
using System.Management.Automation.Host;

namespace VpsAdmin.Shell.Host;

/// <summary>Progress as one line of a terminal that rewrites itself, at most five times a second. The innermost activity is shown.</summary>
internal sealed class ProgressLine(TextWriter terminal, Func<int> width, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private const int ShortestActivity = 16;
    private const string EraseLine = "\r\e[K";

    private readonly SortedDictionary<(long Source, int Activity), ProgressRecord> _active = [];
    private long _written;
    private bool _visible;

    public void Update(long sourceId, ProgressRecord record)
    {
        var key = (sourceId, record.ActivityId);
        if (record.RecordType == ProgressRecordType.Completed)
        {
            _active.Remove(key);
            if (_active.Count == 0)
                Erase();
            return;
        }

        _active[key] = record;
        if (_visible && time.GetElapsedTime(_written) < Interval)
            return;
        terminal.Write(EraseLine + Describe(_active.Values.Last(), width() - 1));
        _written = time.GetTimestamp();
        _visible = true;
    }

    /// <summary>Makes room for other text.</summary>
    public void Erase()
    {
        if (!_visible)
            return;
        terminal.Write(EraseLine);
        _visible = false;
    }

    /// <summary>One line, whatever is in the text. Where it is too long the activity is cut first: how far it is, how fast, and how long yet, is what people look at.</summary>
    private static string Describe(ProgressRecord record, int width)
    {
        var percent = record.PercentComplete >= 0 ? $" {record.PercentComplete,3}%" : "";
        var remaining = record.SecondsRemaining >= 0 ? $", {TimeSpan.FromSeconds(record.SecondsRemaining):c} left" : "";
        var operation = string.IsNullOrEmpty(record.CurrentOperation) ? "" : $" ({record.CurrentOperation})";
        var status = $":{percent} {record.StatusDescription}{operation}{remaining}";
        return Fit(Fit(record.Activity, Math.Max(ShortestActivity, width - status.Length)) + status, width);
    }

    private static string Fit(string text, int width)
    {
        var line = string.Concat(text.Select(static c => char.IsControl(c) ? ' ' : c));
        return line.Length <= width ? line : string.Concat(line.AsSpan(0, Math.Max(0, width - 1)), "…");
    }
}
