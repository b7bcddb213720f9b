namespace VpsAdmin.Node.Tests;

/// <summary>The datasets that a node keeps for itself are made when the first work needs them, which often comes several at once.</summary>
public sealed class OwnDatasetTests(LabFixture lab)
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Many_that_need_one_for_the_first_time_at_once_all_find_it_mounted_and_closed_to_others()
    {
        var (filesystem, _) = await lab.CreateFilesystemAsync(Cancel);
        try
        {
            var folders = await Task.WhenAll(Enumerable.Range(0, 12).Select(n => Task.Run(async () =>
            {
                // Also while another is half way through.
                await Task.Delay(TimeSpan.FromMilliseconds(8 * n), Cancel);
                var folder = await OwnDataset.PrepareAsync(lab.Zfs, filesystem, $"area{n % 3}", UnixFolder.Private, Cancel);
                Assert.Equal(UnixFolder.Private, new DirectoryInfo(folder).UnixFileMode);
                await File.WriteAllTextAsync(Path.Combine(folder, $"{n}"), "", Cancel);
                return folder;
            })));
            Assert.Equal(3, folders.Distinct().Count());
            Assert.All(folders.Distinct(), static folder => Assert.Equal(4, Directory.GetFiles(folder).Length));
        }
        finally
        {
            await LabFixture.RemoveAsync(filesystem);
        }
    }

    [Fact]
    public async Task One_whose_making_was_cut_short_gets_its_mode_later()
    {
        var (filesystem, _) = await lab.CreateFilesystemAsync(Cancel);
        try
        {
            var folder = await OwnDataset.PrepareAsync(lab.Zfs, filesystem, "area", UnixFolder.Private, Cancel);
            UnixFolder.SetMode(folder, UnixFolder.Readable);
            await OwnDataset.PrepareAsync(lab.Zfs, filesystem, "area", UnixFolder.Private, Cancel);
            Assert.Equal(UnixFolder.Private, new DirectoryInfo(folder).UnixFileMode);
        }
        finally
        {
            await LabFixture.RemoveAsync(filesystem);
        }
    }
}
