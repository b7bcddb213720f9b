using VpsAdmin.Lab;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Tests;

/// <summary>Datasets in folders that the system of a VPS can change.</summary>
public sealed class NestedDatasetTests(LabFixture lab) : IAsyncLifetime
{
    private readonly string _elsewhere = Directory.CreateTempSubdirectory("elsewhere-").FullName;
    private TestNode _node = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _node = await lab.StartNodeAsync(Cancel);
        await _node.CreateDatasetAsync("101", Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        await _node.DisposeAsync();
        Directory.Delete(_elsewhere, recursive: true);
    }

    [Fact]
    public async Task It_belongs_to_whom_the_folder_belongs_that_it_is_in()
    {
        await LxcProgram.RunAsync("chown", [$"{IdMap.First}:{IdMap.First}", Folder("101")], Cancel);

        await SucceedAsync(Create("101/var/www"));

        foreach (var folder in new[] { "101/var", "101/var/www" })
        {
            Assert.Equal($"{IdMap.First}:{IdMap.First}", await OwnerAsync(Folder(folder)));
        }
    }

    [Theory]
    [InlineData("101/data", "101/data")]
    [InlineData("101/var/data", "101/var")]
    public async Task It_is_not_mounted_where_a_link_points_to(string dataset, string link)
    {
        Directory.CreateSymbolicLink(Folder(link), _elsewhere);
        var create = Create(dataset);

        var finished = await _node.RunAsync(create, Cancel);

        Assert.Contains($"{Folder(link)} is a link", finished.Error, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_elsewhere));
        Assert.DoesNotContain(_elsewhere, await File.ReadAllTextAsync("/proc/self/mountinfo", Cancel), StringComparison.Ordinal);
        await SucceedAsync(create with { Rollback = true, Queue = "rollback" });
        Assert.False(await lab.Zfs.ExistsAsync(Name(dataset), Cancel));
    }

    [Fact]
    public async Task Nothing_of_the_node_is_given_away_where_a_link_comes_in_the_way_behind_the_mount()
    {
        await SucceedAsync(Create("101/var"));
        await LxcProgram.RunAsync("chown", [$"{IdMap.First}:{IdMap.First}", Folder("101"), Folder("101/var")], Cancel);
        var www = Directory.CreateDirectory(Path.Combine(_elsewhere, "www")).FullName;
        var programs = Directory.CreateDirectory(Path.Combine(_elsewhere, "programs")).FullName;
        await ProgramFile.WriteAsync(Path.Combine(programs, "zfs"), Swapping(programs));
        await using var node = new TestNode(new ZfsHost(new ZfsHostOptions(Program: Path.Combine(programs, "zfs"))), _node.Filesystem, _node.Folder);

        var finished = await node.RunAsync(Create("101/var/www"), Cancel);

        Assert.True(File.Exists(Path.Combine(programs, "swapped")));
        Assert.Equal("0:0", await OwnerAsync(www));
        Assert.Contains("no longer mounted on", finished.Error, StringComparison.Ordinal);
        await LxcProgram.RunAsync("unshare", ["--mount", "sh", "-c", ApartFrom(Folder("101/old")) + $"rm {Folder("101/var")}; mv {Folder("101/old")} {Folder("101/var")}"], Cancel);
    }

    [Fact]
    public async Task The_machine_does_not_mount_it_by_itself_and_the_node_does_where_no_link_is()
    {
        await SucceedAsync(Create("101/data"));
        await SucceedAsync(Create("101/mail"));
        foreach (var name in new[] { "data", "mail" })
        {
            Assert.Equal("noauto", await lab.Zfs.GetLocalPropertyAsync(Name($"101/{name}"), "canmount", Cancel));
            await lab.Zfs.UnmountAsync(Name($"101/{name}"), Cancel);
        }
        Directory.Delete(Folder("101/mail"));
        Directory.CreateSymbolicLink(Folder("101/mail"), _elsewhere);
        List<string> told = [];

        await new NestedDataset(lab.Zfs).MountAllAsync(_node.Filesystem, told.Add, Cancel);

        Assert.True((await lab.Zfs.GetFilesystemAsync(Name("101/data"), Cancel)).IsMounted);
        Assert.False((await lab.Zfs.GetFilesystemAsync(Name("101/mail"), Cancel)).IsMounted);
        Assert.Contains(Folder("101/mail"), Assert.Single(told), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("29 1 8:1 / /pool/101/data rw,relatime shared:1 - zfs pool/101/data rw", true)]
    [InlineData("29 1 8:1 / /pool/101/data rw - zfs pool/101/other rw", false)]
    [InlineData("29 1 8:1 / /etc rw,relatime shared:1 - zfs pool/101/data rw", false)]
    [InlineData("29 1 8:1 /101/data / rw - zfs pool/101/data rw", false)]
    [InlineData("29 1 8:1 / /pool/101/data", false)]
    public void The_table_of_mounts_tells_what_is_mounted_where(string line, bool expected) =>
        Assert.Equal(expected, MountTable.IsOf(line, "/pool/101/data", "pool/101/data"));

    [Fact]
    public void Spaces_in_names_are_written_as_numbers() =>
        Assert.True(MountTable.IsOf(@"29 1 8:1 / /my\040pool/a rw - zfs my\040pool/a rw", "/my pool/a", "my pool/a"));

    /// <summary>A <c>zfs</c> at whose first use behind a mount the VPS's system, which has mounts of its own, puts a link in a folder's place.</summary>
    private string Swapping(string state) => $$"""
        #!/bin/sh
        [ -e {{state}}/mounted ] && [ ! -e {{state}}/swapped ] && {
          : > {{state}}/swapped
          unshare --mount sh -c '{{ApartFrom(Folder("101/var"))}}mv {{Folder("101/var")}} {{Folder("101/old")}}; ln -s {{_elsewhere}} {{Folder("101/var")}}'
        }
        [ "$1" = mount ] && [ $# = 2 ] && { zfs "$@"; status=$?; : > {{state}}/mounted; exit $status; }
        exec zfs "$@"
        """;

    /// <summary>In a namespace where nothing is mounted there any more.</summary>
    private static string ApartFrom(string folder) => $"umount {folder}/www; umount {folder}; ";

    private static async Task<string> OwnerAsync(string folder) => (await LxcProgram.AskAsync("stat", ["--format=%u:%g", folder], Cancel)).Output.Trim();

    private TransactionMessage Create(string dataset) => _node.Message(TransactionType.CreateDataset, new CreateDatasetInput(_node.Filesystem, dataset, Quota: null));

    private async Task SucceedAsync(TransactionMessage message) => Assert.Null((await _node.RunAsync(message, Cancel)).Error);

    private string Folder(string dataset) => Path.Combine(_node.Folder, dataset);

    private string Name(string dataset) => $"{_node.Filesystem}/{dataset}";
}
