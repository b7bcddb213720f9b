using VpsAdmin.Server.Web.Drawing;

namespace VpsAdmin.Web.Tests;

public sealed class DrawingTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_history_that_was_left_branches_off_behind_the_target_of_the_rollback()
    {
        var drawing = Timeline.Draw([Snapshot(1, 2), Snapshot(2, 1), Snapshot(3, 1), Snapshot(4, 2)], presentHistory: 2);
        Assert.Equal([0, 1, 1, 0], drawing.Points.Select(static p => p.Lane));
        Assert.Equal([2, 1], drawing.Lanes.Select(static l => l.HistoryId));
        var fork = Assert.Single(drawing.Forks);
        Assert.Equal((0, 0, 1), (fork.FromX, fork.FromLane, fork.ToLane));
    }

    [Fact]
    public void One_history_is_one_line_to_the_present()
    {
        var drawing = Timeline.Draw([Snapshot(1, 0), Snapshot(2, 0)], presentHistory: 0);
        Assert.Equal(new TimelineLane(0, 0, 0, 1, true), Assert.Single(drawing.Lanes));
        Assert.Empty(drawing.Forks);
    }

    [Fact]
    public void A_base_is_older_and_of_the_same_history_and_the_newest_comes_first()
    {
        var target = Snapshot(3, 1);
        var bases = ExportBases.Of([Snapshot(1, 1), Snapshot(2, 1), target, Snapshot(4, 1), Snapshot(5, 0)], target);
        Assert.Equal([(5, ExportBases.OtherHistory), (4, ExportBases.Newer), (2, null), (1, null)], bases.Select(static b => (b.Snapshot.Id, b.Reason)));
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(999, "999 B")]
    [InlineData(114_688, "112 KiB")]
    [InlineData(1_342_177_280, "1.25 GiB")]
    [InlineData(15_246_000_000, "14.2 GiB")]
    public void Sizes_have_three_digits_that_count(long bytes, string shown) => Assert.Equal(shown, Shown.Bytes(bytes));

    [Theory]
    [InlineData(null, "–")]
    [InlineData(0L, "< 1 MiB")]
    [InlineData(1536L, "1.5 GiB")]
    public void What_the_API_rounds_down_to_nothing_is_not_nothing(long? mebibytes, string shown) => Assert.Equal(shown, Shown.MiB(mebibytes));

    [Theory]
    [InlineData(0.4, "0 s")]
    [InlineData(59, "59 s")]
    [InlineData(3599, "59 min")]
    [InlineData(90_000, "25 h")]
    [InlineData(200_000, "2 d")]
    public void Durations_have_one_unit(double seconds, string shown) => Assert.Equal(shown, Shown.Duration(TimeSpan.FromSeconds(seconds)));

    [Theory]
    [InlineData(1, 10)]
    [InlineData(7.3, 10)]
    [InlineData(5L << 30, 1024)]
    [InlineData(900L << 30, 1024)]
    [InlineData(1500, 1024)]
    public void A_chart_begins_at_nothing_and_reaches_beyond_the_greatest_value(double most, double step)
    {
        var chart = Chart.Draw([new("a", [new(Start, most / 3), new(Start.AddDays(1), most)])], static v => $"{v:0.##}", step);
        Assert.InRange(chart.Values.Count, 3, 6);
        Assert.Equal((0, 1), (chart.Values[0].Place, chart.Values[^1].Place));
        Assert.All(chart.Lines.Single().Points, static p => Assert.InRange(p.Y, 0, 1));
        Assert.Equal([0, 1], chart.Lines.Single().Points.Select(static p => p.X));
    }

    [Fact]
    public void A_chart_can_be_read_as_a_table_the_newest_first()
    {
        var chart = Chart.Draw([new("a", [new(Start, 1), new(Start.AddDays(1), 2)]), new("b", [new(Start.AddDays(1), 3)])], static v => $"{v} B");
        Assert.Equal([(Start.AddDays(1), "2 B|3 B"), (Start, "1 B|")], chart.Rows(10).Select(static r => (r.At, string.Join('|', r.Values))));
        Assert.Equal(Start.AddDays(1), Assert.Single(chart.Rows(1)).At);
    }

    [Fact]
    public void Each_series_has_a_shape_of_its_own() =>
        Assert.Equal(HistoryColor.Count, Enumerable.Range(0, HistoryColor.Count).Select(static i => ChartMarker.Path(i, 1, 2)).Distinct().Count());

    [Fact]
    public void Nothing_is_drawn_of_nothing() => Assert.Empty(Chart.Draw([], static v => $"{v}").Lines);

    [Fact]
    public void Names_in_commands_stay_one_word()
    {
        var commands = ReadyCommands.OfDownload("incremental_stream", 7, "101/var", 5, 4, "http://127.0.0.1/download/x", "it's.gz");
        Assert.Contains(commands, static c => c.Text == "Save-VpsSnapshot -Id 5 -FromSnapshot 4 -Path . -Resume");
        Assert.Contains(commands, static c => c.Text == "Backup-VpsDataset -Dataset 7 -Filesystem 'backup/var'");
        Assert.Contains(commands, static c => c.Text.EndsWith("--output 'its.gz' 'http://127.0.0.1/download/x'", StringComparison.Ordinal));
    }

    /// <summary>As programs of nodes have said it.</summary>
    [Theory]
    [InlineData("cannot create snapshot 'tank/vps/101@2026': out of space", "The pool is full.")]
    [InlineData("cannot receive new filesystem stream: Quota exceeded", "The dataset is at its quota.")]
    [InlineData("cannot destroy 'tank/vps/101': dataset is busy", "Something uses the dataset at the moment, such as a program with a file open in it.")]
    [InlineData("cannot open 'tank/vps/101': dataset does not exist", "What the step works on is not there: it was removed by hand, or the pool is not imported.")]
    [InlineData("cannot receive incremental stream: destination backup/101 has been modified\nsince most recent snapshot", "Somebody has written into the backup; only the server may.")]
    [InlineData("zfs send ended with status 1", null)]
    public void What_a_node_says_is_put_in_plain_words(string error, string? meaning) => Assert.Equal(meaning, ChainWords.OfError(error));

    [Theory]
    [InlineData("")]
    [InlineData("Sat 22:00-24:00, Sun 00:00-06:00")]
    public void Windows_are_written_as_they_were_read(string windows) => Assert.Equal(windows, WindowRow.Write([.. WindowRow.Read(windows), WindowRow.Blank]));

    [Fact]
    public void What_is_filled_in_by_half_is_not_passed_over() =>
        Assert.Equal("Sat -, 22:00-23:00", WindowRow.Write([new("Sat", "", ""), new("", "22:00", "23:00")]).Replace(",  ", ", ", StringComparison.Ordinal));

    private static TimelineSnapshot Snapshot(long id, int history) => new(id, $"s{id}", Start.AddHours(id), history);
}
