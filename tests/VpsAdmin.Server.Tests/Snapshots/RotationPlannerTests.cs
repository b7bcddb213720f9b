using VpsAdmin.Server.Snapshots;

namespace VpsAdmin.Server.Tests.Snapshots;

public sealed class RotationPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 6, 30, 0, 0, 0, TimeSpan.Zero);

    // Ages in days, oldest first; ! is needed by something.
    [Theory]
    [InlineData("20 19 18 3 2 1", 3, 10, "1 2 3")]
    [InlineData("20 19 18 3 2 1", 5, 10, "1")]
    [InlineData("20 19 18", 3, 10, "")]
    // Young ones go only when there are too many.
    [InlineData("6 5 4 3 2 1", 1, 4, "1 2")]
    [InlineData("6 5 4 3 2 1", 1, 6, "")]
    // What is needed is stepped over.
    [InlineData("20! 19 18 3", 1, 10, "2 3")]
    [InlineData("6! 5! 4 3 2 1", 1, 4, "3 4")]
    // Exactly of the greatest age is not older.
    [InlineData("14 13 12", 1, 10, "")]
    [InlineData("", 1, 10, "")]
    public void The_old_and_the_too_many_go(string ages, int min, int max, string expected)
    {
        var snapshots = ages.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(static (age, i) => new RotatedSnapshot(i + 1, Now.AddDays(-int.Parse(age.TrimEnd('!'), System.Globalization.CultureInfo.InvariantCulture)), age.EndsWith('!'))).ToList();
        Assert.Equal(expected, string.Join(' ', RotationPlanner.Plan(snapshots, new(min, max, TimeSpan.FromDays(14)), Now)));
    }
}
