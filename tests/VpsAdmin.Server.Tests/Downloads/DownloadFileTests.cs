using VpsAdmin.NodeWeb;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Downloads;

namespace VpsAdmin.Server.Tests.Downloads;

public sealed class DownloadFileTests
{
    [Theory]
    [InlineData(DownloadFormat.IncrementalStream, "101_var_www__2016-06-12T23-00-01__2016-06-13T23-00-01.inc.dat.gz")]
    [InlineData(DownloadFormat.Stream, "101_var_www__2016-06-13T23-00-01.dat.gz")]
    [InlineData(DownloadFormat.Archive, "101_var_www__2016-06-13T23-00-01.tar.gz")]
    public void V1_a_file_is_named_after_what_is_in_it(DownloadFormat format, string expected) =>
        Assert.Equal(expected, DownloadFile.Name("101/var/www", format, "2016-06-13T23:00:01", "2016-06-12T23:00:01"));

    [Theory]
    [InlineData(1_048_575, 0)]
    [InlineData(1_048_576, 1)]
    [InlineData(21_260_089_753, 20_275)] // V3: 19.8G, which the node asks for in bytes
    [InlineData(319_488, 0)]
    [InlineData(624, 0)]
    [InlineData(3_221_225_471, 3_071)] // V4
    public void V2_V3_V4_a_size_is_in_whole_mebibytes(long bytes, long mebibytes) => Assert.Equal(mebibytes, Mebibytes.Floor(bytes));

    [Fact]
    public void The_longest_dataset_still_gives_a_name_that_a_file_can_have()
    {
        var name = DownloadFile.Name(new string('d', DownloadFile.LongestDataset), DownloadFormat.IncrementalStream, "2016-06-13T23:00:01", "2016-06-12T23:00:01");
        Assert.Equal(255, name.Length);
        Assert.True(DownloadPath.IsName(name));
    }

    [Fact]
    public void A_secret_is_new_each_time_and_passes_its_own_check()
    {
        var secret = DownloadFile.NewSecret();
        Assert.True(DownloadPath.IsSecret(secret));
        Assert.NotEqual(secret, DownloadFile.NewSecret());
    }

    [Theory]
    [InlineData("..")]
    [InlineData(".")]
    [InlineData("")]
    [InlineData("a/b")]
    [InlineData("a\\b")]
    [InlineData("a\0b")]
    public void What_is_no_file_name_is_refused(string name) => Assert.False(DownloadPath.IsName(name));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("abc")]
    public void What_is_no_secret_is_refused(string secret) => Assert.False(DownloadPath.IsSecret(secret));
}
