using System.Management.Automation;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Shell.Host;

namespace VpsAdmin.Shell.Tests;

public sealed class ProgressLineTests : IDisposable
{
    private readonly StringWriter _terminal = new();
    private readonly FakeTimeProvider _time = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public void The_line_rewrites_itself_and_goes_away_at_the_end()
    {
        var line = new ProgressLine(_terminal, () => 80, _time);
        line.Update(1, new ProgressRecord(1, "Receiving", "50 MiB/s") { PercentComplete = 50, SecondsRemaining = 90 });
        line.Update(1, new ProgressRecord(1, "Receiving", "done") { RecordType = ProgressRecordType.Completed });
        Assert.Equal("\r\e[KReceiving:  50% 50 MiB/s, 00:01:30 left\r\e[K", _terminal.ToString());
    }

    [Fact]
    public void It_is_written_five_times_a_second_at_most()
    {
        var line = new ProgressLine(_terminal, () => 80, _time);
        foreach (var n in Enumerable.Range(0, 10))
        {
            line.Update(1, new ProgressRecord(1, "a", $"s{n}"));
            _time.Advance(TimeSpan.FromMilliseconds(50));
        }
        Assert.Equal("\r\e[Ka: s0\r\e[Ka: s4\r\e[Ka: s8", _terminal.ToString());
    }

    [Fact]
    public void The_innermost_activity_is_shown_and_a_long_line_is_cut()
    {
        var line = new ProgressLine(_terminal, () => 12, _time);
        line.Update(1, new ProgressRecord(2, "inner", "i\nn the deep"));
        _time.Advance(TimeSpan.FromSeconds(1));
        line.Update(1, new ProgressRecord(1, "outer", "o"));
        Assert.Equal("\r\e[Kinner: i n…\r\e[Kinner: i n…", _terminal.ToString());
    }

    [Fact]
    public void Of_a_long_activity_its_beginning_is_shown_and_the_whole_of_rate_and_time_left()
    {
        var line = new ProgressLine(_terminal, () => 59, _time);
        line.Update(1, new ProgressRecord(1, "Receiving @2026-11-26T07:31:32 in full", "5.1 MiB, 2 MiB/s") { PercentComplete = 50, SecondsRemaining = 90 });
        Assert.Equal("\r\e[KReceiving @2026-11-…:  50% 5.1 MiB, 2 MiB/s, 00:01:30 left", _terminal.ToString());
    }
}
