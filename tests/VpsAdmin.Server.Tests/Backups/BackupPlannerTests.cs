using VpsAdmin.Server.Backups;

namespace VpsAdmin.Server.Tests.Backups;

public sealed class BackupPlannerTests
{
    [Theory]
    [InlineData("", null, null)]
    [InlineData("", "1 2", null)]
    [InlineData("1 2 3", null, "new tree: 1 2 3")]
    [InlineData("1 2 3", "1", "from 1: 2 3")]
    [InlineData("1 2 3", "1 2 3", null)]
    // Rotation has taken the oldest away on either side.
    [InlineData("2 3 4", "1 2", "from 2: 3 4")]
    [InlineData("1 2 3 4", "3", "from 3: 4")]
    // Nothing in common any more.
    [InlineData("4 5", "1 2", "new tree: 4 5")]
    // Rolled back behind the tip of the backup.
    [InlineData("1 2 6", "1 2 3 4", "branch, from 2: 6")]
    // Rolled back, and nothing new yet.
    [InlineData("1 2", "1 2 3 4", null)]
    public void What_the_backup_lacks_is_sent(string local, string? head, string? expected)
    {
        var move = BackupPlanner.Plan(Ids(local), head is null ? null : Ids(head));
        Assert.Equal(expected, move is null
            ? null
            : $"{(move.NewTree ? "new tree" : move.BranchFirst ? $"branch, from {move.BaseId}" : $"from {move.BaseId}")}: {string.Join(' ', move.Sent)}");
    }

    private static List<long> Ids(string text) => [.. text.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
}
