namespace VpsAdmin.Shell.Tests;

public sealed class ModuleLocatorTests : IDisposable
{
    private readonly TinyModule _module = new();

    [Fact]
    public void The_setting_may_be_the_manifest_or_its_folder()
    {
        var manifest = Path.Combine(_module.Folder, "VpsAdmin.psd1");
        Assert.Equal(manifest, ModuleLocator.Find(manifest, "/"));
        Assert.Equal(manifest, ModuleLocator.Find(_module.Folder, "/"));
    }

    [Fact]
    public void A_setting_that_points_nowhere_is_not_made_up_for()
    {
        var start = Directory.CreateDirectory(Path.Combine(_module.Folder, "bin")).FullName;
        var error = Assert.Throws<FileNotFoundException>(() => ModuleLocator.Find("/nowhere/VpsAdmin.psd1", start));
        Assert.Contains("/nowhere/VpsAdmin.psd1", error.Message, StringComparison.Ordinal);
        Assert.Contains("VPSADMIN_MODULE", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_a_setting_the_folders_above_the_program_are_searched()
    {
        var start = Directory.CreateDirectory(Path.Combine(_module.Folder, "src", "bin")).FullName;
        Assert.Equal(Path.Combine(_module.Folder, "VpsAdmin.psd1"), ModuleLocator.Find(null, start));
    }

    [Fact]
    public void Nowhere_to_be_found_says_what_to_set() =>
        Assert.Contains("VPSADMIN_MODULE", Assert.Throws<FileNotFoundException>(() => ModuleLocator.Find("", Path.GetTempPath())).Message, StringComparison.Ordinal);

    public void Dispose() => _module.Dispose();
}
