using VpsAdmin.Transfer;

namespace VpsAdmin.Backup.Tests.Running;

public class ReceivedTests
{
    private static readonly RemoteSnapshot[] Listed =
        [.. new[] { "a", "b", "c" }.Select(static (name, n) => new RemoteSnapshot(n, name, DateTimeOffset.UnixEpoch, 0, IsConfirmed: true))];

    [Fact]
    public void A_snapshot_in_between_that_did_not_come_is_a_warning()
    {
        Assert.Null(StepRunner.Received("tank/0", Listed, ["z", "a", "b", "c"]));
        Assert.Contains("did not bring @b", StepRunner.Received("tank/0", Listed, ["z", "a", "c"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("a", "b", "c", "x")]
    public void The_last_one_must_be_there_and_be_the_last(params string[] after) =>
        Assert.Equal(TransferFailure.BadStream, Assert.Throws<TransferException>(() => StepRunner.Received("tank/0", Listed, after)).Failure);
}
