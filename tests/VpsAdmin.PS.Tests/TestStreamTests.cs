using System.IO.Compression;
using VpsAdmin.PS.Tests.Engine;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.PS.Tests;

/// <summary>Test-VpsSnapshotStream, which needs neither ZFS nor a server.</summary>
public sealed class TestStreamTests : IDisposable
{
    private readonly EngineSession _session = new();
    private readonly TemporaryFolder _folder = new();

    public TestStreamTests()
    {
        var several = new StreamBytes().CompoundBegin("tank/a@c").Substream("tank/a@b", 2, 1).Substream("tank/a@c", 3, 2).Conclusion().ToArray();
        File.WriteAllBytes(_folder.File("full.dat"), StreamBytes.Simple(100_000));
        File.WriteAllBytes(_folder.File("several.dat.gz"), StreamBytes.Gzip(several, members: 3));
        File.WriteAllBytes(_folder.File("cut.dat.gz"), StreamBytes.Gzip(StreamBytes.Simple(100_000)[..50_000]));
        File.WriteAllBytes(_folder.File("[x].dat"), StreamBytes.Simple(100));
    }

    [Fact]
    public void Whole_streams_are_true_and_others_false()
    {
        var result = _session.Run("param($Folder) Test-VpsSnapshotStream \"$Folder/full.dat\", \"$Folder/several*\"; Test-VpsSnapshotStream -Path \"$Folder/cut*\"", ("Folder", _folder.Path));
        Assert.Empty(result.Errors.Select(static e => e.ToString()));
        Assert.Empty(result.Warnings);
        Assert.Equal([true, true, false], result.Output.Select(static o => o.BaseObject));
    }

    [Fact]
    public void Files_come_from_the_pipeline_whatever_their_names()
    {
        var result = _session.Run(
            "param($Folder) [IO.DirectoryInfo]::new($Folder).GetFiles('*x*') | Test-VpsSnapshotStream; Test-VpsSnapshotStream -LiteralPath \"$Folder/[x].dat\"; \"$Folder/full.dat\" | Test-VpsSnapshotStream",
            ("Folder", _folder.Path));
        Assert.Empty(result.Errors.Select(static e => e.ToString()));
        Assert.Equal([true, true, true], result.Output.Select(static o => o.BaseObject));
    }

    [Fact]
    public void Details_say_where_a_stream_was_cut_and_what_it_is()
    {
        var cut = Detailed("cut.dat.gz");
        Assert.Equal((false, "CutShort", 50_000L, "Full"), (cut.Get<bool>("IsComplete"), cut.Get<string>("Verdict"), cut.Get<long>("FaultOffset"), cut.Get<string>("Kind")));
        Assert.Contains("byte 50000", cut.Get<string>("Problem"), StringComparison.Ordinal);

        var several = Detailed("several.dat.gz");
        Assert.Equal((true, "Complete", "Compound", 1UL, 3UL), (several.Get<bool>("IsComplete"), several.Get<string>("Verdict"), several.Get<string>("Kind"), several.Get<ulong>("FromGuid"), several.Get<ulong>("ToGuid")));
        Assert.Null(several.Properties["Problem"].Value);
        Assert.Null(Detailed("full.dat").Properties["FromGuid"].Value);
    }

    [Fact]
    public void Details_are_a_list_for_people()
    {
        var text = _session.Render("param($Folder) Test-VpsSnapshotStream \"$Folder/several.dat.gz\" -Detailed", ("Folder", _folder.Path));
        foreach (var words in (string[])["Complete", "Compound", "tank/a@b, tank/a@c", "sa_spill", "in each record"])
            Assert.Contains(words, text, StringComparison.Ordinal);
        Assert.DoesNotContain("Problem", text, StringComparison.Ordinal);
        Assert.All(text.Split('\n'), static line => Assert.True(line.TrimEnd().Length <= 100, line));
    }

    [Fact]
    public void An_archive_is_false_with_a_warning_that_it_is_no_stream()
    {
        using (var gzip = new GZipStream(File.Create(_folder.File("archive.tar.gz")), CompressionLevel.Fastest))
            System.Formats.Tar.TarFile.CreateFromDirectory(Directory.CreateDirectory(_folder.File("files")).FullName, gzip, includeBaseDirectory: true);
        var result = _session.Run("param($File) Test-VpsSnapshotStream $File", ("File", _folder.File("archive.tar.gz")));
        Assert.Equal(false, result.Single.BaseObject);
        Assert.Contains("tar archive", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nothing.dat")]
    [InlineData("nothing*")]
    [InlineData("")]
    public void A_file_that_is_not_there_is_an_error_and_the_next_is_tested(string name)
    {
        var result = _session.Run("param($File, $Next) Test-VpsSnapshotStream $File, $Next", ("File", _folder.File(name)), ("Next", _folder.File("full.dat")));
        Assert.Equal("FileNotFound", result.ErrorId);
        Assert.Equal(true, result.Single.BaseObject);
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private System.Management.Automation.PSObject Detailed(string file) =>
        _session.Run("param($File) Test-VpsSnapshotStream $File -Detailed", ("File", _folder.File(file))).Single;
}
