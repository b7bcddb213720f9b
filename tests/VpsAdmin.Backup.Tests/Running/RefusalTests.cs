using System.Net;
using VpsAdmin.HaveApi;

namespace VpsAdmin.Backup.Tests.Running;

public class RefusalTests
{
    [Theory]
    [InlineData(HttpStatusCode.Conflict, "no common branch", true)]
    [InlineData(HttpStatusCode.OK, "snapshot and snapshot2 must share the same history identifier", true)]
    [InlineData(HttpStatusCode.Locked, "Resource is locked", false)]
    [InlineData(HttpStatusCode.OK, "Resource is locked", false)]
    [InlineData(HttpStatusCode.Forbidden, "access denied", false)]
    public void Only_a_missing_history_is_taken_for_one(HttpStatusCode status, string message, bool refused) =>
        Assert.Equal(refused, StepRunner.IsIncrementRefused(
            new ActionFailedException("snapshot_download#create", status, message, new Dictionary<string, IReadOnlyList<string>>())));

    [Fact]
    public void The_refusal_says_what_to_do()
    {
        var a = new RemoteSnapshot(1, "a", DateTimeOffset.UnixEpoch, 0, IsConfirmed: true);
        var b = a with { Id = 2, Name = "b" };
        var text = Conflicts.IncrementRefused(new IncrementalStep("tank/my backups/0", a, b, [b], ""), "no common branch");
        Assert.StartsWith("The server refuses an increment from @a to @b: no common branch", text, StringComparison.Ordinal);
        Assert.Contains("zfs rename 'tank/my backups/0' 'tank/my backups/0.old'", text, StringComparison.Ordinal);
    }
}
