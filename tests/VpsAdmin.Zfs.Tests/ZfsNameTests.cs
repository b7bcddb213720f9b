namespace VpsAdmin.Zfs.Tests;

public sealed class ZfsNameTests
{
    [Theory]
    [InlineData("tank", true)]
    [InlineData("tank/vpsfree.cz/1_2:3-4", true)]
    [InlineData("tank/-dash", true)]
    [InlineData("tank/with space", true)]
    [InlineData("", false)]
    [InlineData("-rf", false)]
    [InlineData("1tank", false)]
    [InlineData("/tank", false)]
    [InlineData("tank/", false)]
    [InlineData("tank//a", false)]
    [InlineData("tank/..", false)]
    [InlineData("tank/./a", false)]
    [InlineData("tank@s", false)]
    [InlineData("tank#b", false)]
    [InlineData("tank/%recv", false)]
    [InlineData("tank/a,b", false)]
    [InlineData("tank/a\nb", false)]
    [InlineData("tank/ž", false)]
    public void Datasets_are_named_by_the_rules_of_zfs(string name, bool valid) => Assert.Equal(valid, ZfsName.IsDataset(name));

    [Theory]
    [InlineData("tank/a@2016-06-14T12:00:00", true)]
    [InlineData("tank", false)]
    [InlineData("tank@", false)]
    [InlineData("@s", false)]
    [InlineData("tank@a@b", false)]
    [InlineData("tank@a/b", false)]
    [InlineData("tank@..", false)]
    public void Snapshots_are_named_by_the_rules_of_zfs(string name, bool valid)
    {
        Assert.Equal(valid, SnapshotName.TryParse(name, out var parsed));
        if (valid)
            Assert.Equal(name, parsed.ToString());
        else
            Assert.Throws<FormatException>(() => SnapshotName.Parse(name));
    }

    [Fact]
    public void The_whole_name_counts_for_the_limit()
    {
        var dataset = "t" + new string('a', 199);
        Assert.True(new SnapshotName(dataset, new string('s', 54)).IsValid);
        Assert.False(new SnapshotName(dataset, new string('s', 55)).IsValid);
        Assert.True(ZfsName.IsDataset("t" + new string('a', 254)));
        Assert.False(ZfsName.IsDataset("t" + new string('a', 255)));
    }

    [Theory]
    [InlineData("cz.vpsfree.vpsadmin:dataset_id", true)]
    [InlineData("readonly", true)]
    [InlineData("-o", false)]
    [InlineData("a=b", false)]
    [InlineData("a,b", false)]
    [InlineData("Upper:case", false)]
    [InlineData("", false)]
    public void Properties_are_named_by_the_rules_of_zfs(string name, bool valid) => Assert.Equal(valid, ZfsName.IsProperty(name));

    [Fact]
    public async Task An_invalid_name_is_refused_before_anything_is_started()
    {
        var cancel = TestContext.Current.CancellationToken;
        // The program does not exist: starting it would be another exception.
        var zfs = new ZfsHost(new ZfsHostOptions(Program: "no-such-zfs"));
        var snapshot = new SnapshotName("tank/a", "s");
        Func<Task>[] calls =
        [
            () => zfs.ExistsAsync("-r", cancel),
            () => zfs.GetFilesystemAsync("tank/..", cancel),
            () => zfs.ListFilesystemsAsync("tank/", null, cancel),
            () => zfs.ListFilesystemsAsync("tank", -1, cancel),
            () => zfs.ListSnapshotsAsync("tank//a", null, cancel),
            () => zfs.GetSnapshotAsync(new("tank", "a b@c"), cancel),
            () => zfs.GetSnapshotAsync(default, cancel),
            () => zfs.GetLocalPropertyAsync("tank", "-o", cancel),
            () => zfs.SetPropertyAsync("tank", "a=b", "c", cancel),
            () => zfs.SetPropertyAsync("tank", "a:b", "c\nd", cancel),
            () => zfs.CreateFilesystemAsync("tank/$(id)", null, cancel),
            () => zfs.CreateFilesystemAsync("tank/a", new Dictionary<string, string> { ["-x"] = "y" }, cancel),
            () => zfs.SnapshotAsync(snapshot with { Name = "" }, cancel),
            () => zfs.DestroyAsync("tank/a@b,c", cancel),
            () => zfs.DestroyAsync("tank/a@%", cancel),
            () => zfs.DestroyRecursivelyAsync("tank/a@s", cancel),
            () => zfs.RollbackAsync(snapshot with { Dataset = "-R" }, cancel),
            () => zfs.CloneAsync(snapshot, "tank/c@s", null, cancel),
            () => zfs.EstimateSendAsync(snapshot, "x/y", cancel),
            () => zfs.StartSendAsync(snapshot, "-x@", cancel),
            () => zfs.StartReceiveAsync("-F", new(), cancel),
        ];
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<ArgumentException>(call);
    }
}
