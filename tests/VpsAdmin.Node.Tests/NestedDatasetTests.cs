using VpsAdmin.Node.Runtime;

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
            var (_, owner) = await LxcProgram.AskAsync("stat", ["--format=%u:%g", Folder(folder)], Cancel);
            Assert.Equal($"{IdMap.First}:{IdMap.First}", owner.Trim());
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

    private TransactionMessage Create(string dataset) => _node.Message(TransactionType.CreateDataset, new CreateDatasetInput(_node.Filesystem, dataset, Quota: null));

    private async Task SucceedAsync(TransactionMessage message) => Assert.Null((await _node.RunAsync(message, Cancel)).Error);

    private string Folder(string dataset) => Path.Combine(_node.Folder, dataset);

    private string Name(string dataset) => $"{_node.Filesystem}/{dataset}";
}
