using System.Net;
using VpsAdmin.HaveApi;

namespace VpsAdmin.Backup.Tests.Running;

public class RefusalTests
{
    [Theory]
    [InlineData(HttpStatusCode.Conflict, "no common branch", true)]
    [InlineData(HttpStatusCode.OK, "snapshot and snapshot2 must share the same history identifier", true)]
    [InlineData(HttpStatusCode.NotFound, "object not found: snapshot", true)]
    [InlineData(HttpStatusCode.OK, "object Snapshot = 7 not found", true)]
    [InlineData(HttpStatusCode.Locked, "Resource is locked", false)]
    [InlineData(HttpStatusCode.OK, "Resource is locked", false)]
    [InlineData(HttpStatusCode.OK, "Resource is under maintenance: history is being rewritten", false)]
    [InlineData(HttpStatusCode.Forbidden, "access denied", false)]
    public void Only_a_missing_history_is_taken_for_one(HttpStatusCode status, string message, bool refused) =>
        Assert.Equal(refused, StepRunner.IsIncrementRefused(
            new ActionFailedException("snapshot_download#create", status, message, new Dictionary<string, IReadOnlyList<string>>())));
}
