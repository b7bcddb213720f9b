using System.Text;

namespace VpsAdmin.Transfer.Tests;

public sealed class SafeFileNameTests
{
    [Theory]
    [InlineData("101_var_www__2016-06-12T23-00-01__2016-06-13T23-00-01.inc.dat.gz", "101_var_www__2016-06-12T23-00-01__2016-06-13T23-00-01.inc.dat.gz")]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("..\\..\\windows\\system.ini", "system.ini")]
    [InlineData("/absolute", "absolute")]
    [InlineData("C:\\x", "x")]
    [InlineData("file:stream", "file_stream")]
    [InlineData(".bashrc", "bashrc")]
    [InlineData("name. . ", "name")]
    [InlineData("a\u0000b\nc\u001b[31m", "a_b_c_[31m")]
    [InlineData("evil\u202egz.exe", "evil_gz.exe")]
    [InlineData("-rf", "_-rf")]
    [InlineData("CON", "_CON")]
    [InlineData("nul.tar.gz", "_nul.tar.gz")]
    [InlineData("com1.txt", "_com1.txt")]
    [InlineData("LPT³", "_LPT³")]
    [InlineData("comet.gz", "comet.gz")]
    [InlineData("žluťoučký kůň.gz", "žluťoučký kůň.gz")]
    public void BUG_29_a_servers_name_becomes_one_harmless_component(string given, string expected) => Assert.Equal(expected, SafeFileName.From(given));

    [Fact]
    public void Half_a_character_is_none() => Assert.Equal("_x.gz", SafeFileName.From("\ud800x.gz"));

    [Theory]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("a/..")]
    [InlineData("a/")]
    [InlineData("   ")]
    [InlineData("?*<>")]
    public void A_name_with_nothing_in_it_is_refused(string given) =>
        Assert.Equal(TransferFailure.BadResponse, Assert.Throws<TransferException>(() => SafeFileName.From(given)).Failure);

    [Fact]
    public void A_long_name_is_cut_in_its_stem()
    {
        var name = SafeFileName.From(new string('č', 300) + ".inc.dat.gz");
        Assert.EndsWith("č.inc.dat.gz", name, StringComparison.Ordinal);
        Assert.InRange(Encoding.UTF8.GetByteCount(name), 190, 200);
    }
}
