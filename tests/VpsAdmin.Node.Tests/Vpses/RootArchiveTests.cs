using System.Formats.Tar;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Node.Tests.Vpses;

/// <summary>Systems from archives, which come from the network.</summary>
public sealed class RootArchiveTests(LabFixture lab)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(TarEntryType.RegularFile, "etc/passwd", "", true)]
    [InlineData(TarEntryType.RegularFile, "./etc/passwd", "", true)]
    [InlineData(TarEntryType.RegularFile, "etc/..passwd", "", true)]
    [InlineData(TarEntryType.SymbolicLink, "etc/mtab", "/proc/mounts", true)]
    [InlineData(TarEntryType.HardLink, "bin/gunzip", "bin/gzip", true)]
    [InlineData(TarEntryType.CharacterDevice, "dev/null", "", true)]
    [InlineData(TarEntryType.RegularFile, "/etc/passwd", "", false)]
    [InlineData(TarEntryType.RegularFile, "../etc/passwd", "", false)]
    [InlineData(TarEntryType.Directory, "var/../../etc", "", false)]
    [InlineData(TarEntryType.RegularFile, "", "", false)]
    [InlineData(TarEntryType.HardLink, "shadow", "/etc/shadow", false)]
    [InlineData(TarEntryType.HardLink, "shadow", "../etc/shadow", false)]
    [InlineData(TarEntryType.SparseFile, "file", "", false)]
    [InlineData(TarEntryType.MultiVolume, "file", "", false)]
    public void An_entry_has_its_place_inside(TarEntryType type, string name, string linkName, bool allowed) =>
        Assert.Equal(allowed, RootArchive.Judge(type, name, linkName) is null);

    [Fact]
    public async Task A_system_is_unpacked_as_the_roots_of_the_vps()
    {
        // Other owners come with a ZFS in the kernel; the daemon of zfs-fuse lets nobody but the machine's root change them.
        await using var node = await VpsNode.StartAsync(lab);
        var place = await node.CreateAsync(101);
        await WriteAsync(node, "mine", static writer =>
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.Directory, "etc/"));
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "etc/hosts") { Mode = UnixFileMode.UserRead, DataStream = new MemoryStream("127.0.0.1"u8.ToArray()) });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.CharacterDevice, "etc/null") { DeviceMajor = 1, DeviceMinor = 3 });
        });
        Assert.Contains("mine", (await node.Runtime.ExamineAsync(Cancel)).Templates);
        await node.SucceedAsync(TransactionType.InstallVps, new InstallVpsInput(place, "mine", Replace: false));

        var file = Path.Combine(node.Node.Folder, "101/etc/hosts");
        var (_, owner) = await LxcProgram.AskAsync("stat", ["--format=%u:%g:%a", file], Cancel);
        Assert.Equal($"{IdMap.First}:{IdMap.First}:400", owner.Trim());
        Assert.False(File.Exists(Path.Combine(node.Node.Folder, "101/etc/null")));
    }

    [Fact]
    public async Task Nothing_is_written_through_a_link_that_points_out()
    {
        await using var node = await VpsNode.StartAsync(lab);
        var place = await node.CreateAsync(101);
        var outside = Directory.CreateTempSubdirectory("vpsadmin-outside-");
        UnixFolder.SetMode(outside.FullName, (UnixFileMode)0b111_111_111);
        try
        {
            await WriteAsync(node, "hostile", writer =>
            {
                writer.WriteEntry(new PaxTarEntry(TarEntryType.SymbolicLink, "way") { LinkName = outside.FullName });
                writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "way/file") { DataStream = new MemoryStream("out"u8.ToArray()) });
            });
            await node.Node.RunAsync(TransactionType.InstallVps, new InstallVpsInput(place, "hostile", Replace: false), Cancel);
            Assert.Empty(outside.EnumerateFileSystemInfos());
        }
        finally
        {
            outside.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task A_damaged_archive_and_one_that_reaches_out_are_refused_and_leave_nothing()
    {
        await using var node = await VpsNode.StartAsync(lab);
        var place = await node.CreateAsync(101);
        await WriteAsync(node, "hostile", static writer =>
        {
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "first") { DataStream = new MemoryStream([1]) });
            writer.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, "../second") { DataStream = new MemoryStream([1]) });
        });
        await File.WriteAllBytesAsync(Path.Combine(node.Templates, "damaged.tar.gz"), [0x1f, 0x8b, 8, 0, 1, 2, 3], Cancel);
        foreach (var (template, words) in new[] { ("hostile", "is not a place inside"), ("damaged", "not unpacked"), ("missing", "has no template"), ("../x", "is not the name") })
        {
            var message = node.Node.Message(TransactionType.InstallVps, new InstallVpsInput(place, template, Replace: false));
            Assert.Contains(words, (await node.Node.RunAsync(message, Cancel)).Error, StringComparison.Ordinal);
            Assert.True((await node.Node.RunAsync(message with { Rollback = true, Queue = "rollback" }, Cancel)).Success);
            Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(node.Node.Folder, "101")));
        }
    }

    private static async Task WriteAsync(VpsNode node, string name, Action<TarWriter> write)
    {
        await using var file = File.Create(Path.Combine(node.Templates, name + ".tar"));
        await using var writer = new TarWriter(file);
        write(writer);
    }
}
