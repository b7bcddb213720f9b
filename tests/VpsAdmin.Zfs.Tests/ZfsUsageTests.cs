using VpsAdmin.Zfs.Tests.Support;

namespace VpsAdmin.Zfs.Tests;

public sealed class ZfsUsageTests
{
    public static TheoryData<string, string, ZfsCapabilities> Releases => new()
    {
        { "zfs-fuse 0.7", UsageTexts.ZfsFuse07, new(false, false, false, false, false, false) },
        { "ZFS on Linux 0.6", UsageTexts.Zol06, new(true, false, true, true, true, true) },
        { "OpenZFS 2.1", UsageTexts.OpenZfs21, new(true, true, true, true, true, true) },
        { "OpenZFS 2.3", UsageTexts.OpenZfs23, new(true, true, true, true, true, true) },
    };

    [Theory]
    [MemberData(nameof(Releases), DisableDiscoveryEnumeration = true)]
    public void The_usage_text_tells_what_a_release_can_do(string release, string usage, ZfsCapabilities expected)
    {
        Assert.NotEmpty(release);
        Assert.Equal(expected, ZfsUsage.Parse(usage));
    }

    [Theory]
    [InlineData("")]
    [InlineData("zfs: unknown argument\n")]
    [InlineData("usage: other command\n\tsend <mail>\n")]
    public void What_is_not_the_usage_of_zfs_is_refused(string text) =>
        Assert.Throws<FormatException>(() => ZfsUsage.Parse(text));

    [Fact]
    public void What_a_host_lacks_is_said_with_what_happens_instead()
    {
        Assert.Equal(3, ZfsUsage.Parse(UsageTexts.ZfsFuse07).Fallbacks.Count);
        Assert.Contains("-s", Assert.Single(ZfsUsage.Parse(UsageTexts.Zol06).Fallbacks), StringComparison.Ordinal);
        Assert.Empty(ZfsUsage.Parse(UsageTexts.OpenZfs23).Fallbacks);
    }
}
