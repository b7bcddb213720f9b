using VpsAdmin.Backup.Inspection;

namespace VpsAdmin.Backup.Tests.Inspection;

public class BackupRhythmTests
{
    private static readonly DateTimeOffset Start = new(2026, 11, 1, 1, 0, 0, TimeSpan.Zero);

    private static IReadOnlyList<(double After, double Before, int Missed)> Gaps(double rhythmHours, params double[] hours) =>
        [.. BackupRhythm.Gaps(hours.Select(h => Start.AddHours(h)), TimeSpan.FromHours(rhythmHours))
            .Select(static g => ((g.After - Start).TotalHours, (g.Before - Start).TotalHours, g.Missed))];

    [Fact]
    public void Snapshots_in_time_have_no_gaps_also_a_little_late() => Assert.Empty(Gaps(24, 0, 24, 49, 72, 108));

    [Fact]
    public void A_missing_day_is_a_gap_of_one() => Assert.Equal([(24, 72, 1)], Gaps(24, 0, 24, 72, 96));

    [Fact]
    public void Several_missing_days_are_counted() => Assert.Equal([(0, 96, 3)], Gaps(24, 0, 96));

    [Fact]
    public void The_order_does_not_matter_and_equal_times_are_no_gap() => Assert.Equal([(0, 48, 1)], Gaps(24, 48, 0, 0));

    [Fact]
    public void Another_rhythm_finds_other_gaps() => Assert.Equal([(0, 4, 3)], Gaps(1, 0, 4, 5));

    [Fact]
    public void None_and_one_have_no_gaps()
    {
        Assert.Empty(Gaps(24));
        Assert.Empty(Gaps(24, 5));
    }

    [Fact]
    public void A_rhythm_of_nothing_is_refused() => Assert.Throws<ArgumentOutOfRangeException>(static () => Gaps(0, 1, 2));
}
