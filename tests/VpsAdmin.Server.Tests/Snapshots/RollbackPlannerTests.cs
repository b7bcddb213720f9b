using VpsAdmin.Server.Snapshots;

namespace VpsAdmin.Server.Tests.Snapshots;

public sealed class RollbackPlannerTests
{
    // A snapshot: its history id, L where it is local, then the branches of backups that it is in. Snapshots are numbered from 1.
    [Theory]
    // Without backups what is newer is gone, and the history is as it was.
    [InlineData("0L 0L 0L", 0, 1, "destroys 2 3, loses 2 3")]
    [InlineData("0L 0L 0L", 0, 3, "")]
    [InlineData("0L", 0, 1, "")]
    // V21: what a backup keeps goes on under the old id, and what leads to the target under a new one.
    [InlineData("0Lb 0Lb 0Lb 0Lb 0Lb", 0, 3, "destroys 4 5, history 1: 1 2 3")]
    [InlineData("2Lb 2Lb", 2, 1, "destroys 2, history 3: 1")]
    [InlineData("0Lb 0Lb", 0, 2, "")]
    // Of what is newer, a part is in no backup.
    [InlineData("0Lb 0Lb 0L", 0, 1, "destroys 2 3, loses 3, history 1: 1")]
    [InlineData("0Lb 0L 0L", 0, 2, "destroys 3, loses 3")]
    // What is in the branch only leads to the target too; what is in another does not.
    [InlineData("0b 0Lb 0Lb", 0, 2, "destroys 3, history 1: 1 2")]
    [InlineData("0a 1b 1Lb 1Lb", 1, 3, "destroys 4, history 2: 2 3")]
    // BUG-30: an id is one more than all there are, not than the current one.
    [InlineData("3a 1Lb 1Lb", 1, 2, "destroys 3, history 4: 2")]
    // BUG-30: back to the tip of a branch that was left. The history between went on without it.
    [InlineData("1b 1Lb 0a 0a 1Lb", 1, 4, "restores, destroys 2 5, history 2: 3 4")]
    // In a backup only: it comes back, and all that is local goes.
    [InlineData("0b 0b 0Lb 0Lb", 0, 1, "restores, destroys 3 4, history 1: 1")]
    [InlineData("0b 0L", 0, 1, "restores, destroys 2, loses 2, history 1: 1")]
    // Newest of what is local; the backup's others were left before.
    [InlineData("1Lb 0a 0a", 1, 1, "")]
    public void A_rollback_destroys_and_renumbers(string snapshots, int current, long target, string expected)
    {
        var plan = RollbackPlanner.Plan([.. snapshots.Split(' ').Select(Parse)], current, target);
        Assert.Equal(expected, Text(plan));
    }

    [Theory]
    [InlineData(0, "", 1)]
    [InlineData(3, "0 1", 4)]
    [InlineData(1, "0 7", 8)]
    public void An_id_is_never_used_again(int current, string existing, int next) =>
        Assert.Equal(next, HistoryId.Next(current, existing.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse)));

    private static RollbackSnapshot Parse(string text, int index) =>
        new(index + 1, text[0] - '0', text.Contains('L', StringComparison.Ordinal), [.. text[1..].Where(static c => c != 'L').Select(static c => (long)c)]);

    private static string Text(RollbackPlan plan)
    {
        string[] parts =
        [
            plan.Restore ? "restores" : "",
            plan.DestroyedCopies.Count > 0 ? "destroys " + string.Join(' ', plan.DestroyedCopies) : "",
            plan.DestroyedSnapshots.Count > 0 ? "loses " + string.Join(' ', plan.DestroyedSnapshots) : "",
            plan.NewHistoryId is { } id ? $"history {id}: {string.Join(' ', plan.Moved)}" : "",
        ];
        return string.Join(", ", parts.Where(static p => p.Length > 0));
    }
}
