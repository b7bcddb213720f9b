using System.Diagnostics;
using System.Text.RegularExpressions;
using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>What README and the guides tell people to type is run, by vpsadmin, from top to bottom, on a real server and a real pool.</summary>
public sealed partial class GuideRunTests(LabFixture lab) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Pages => [.. GuidePage.All.Where(static p => p.Blocks.Any(static b => b.IsRun)).Select(static p => p.Name)];

    public static TheoryData<string, int, string> NotRun =>
        new(GuidePage.All.SelectMany(static p => p.Blocks.Where(static b => b.NotRun is not null).Select(b => (p.Name, b.Line, b.NotRun!))));

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_block_of_the_page_does_what_it_says_without_an_error(string name)
    {
        var page = GuidePage.All.Single(p => p.Name == name);
        var makesBackup = page.Blocks.Any(static b => b.Text.Contains("zfs create", StringComparison.Ordinal));
        var world = await ExampleWorld.MakeAsync(lab, Path.GetFileNameWithoutExtension(name).ToLowerInvariant(), _folder.Path, hasBackup: !makesBackup);
        LinkPrograms();
        var script = new ExampleScript(lab, _folder.Path);
        if (!makesBackup)
            script.Prepare(world.Adapt("$null = Backup-VpsDataset -Dataset 101 -Filesystem backup/vps101"));
        foreach (var block in page.Blocks.Where(static b => b.IsRun))
            script.Add($"{name}, line {block.Line}", await CallAsync(block, world));
        Assert.Equal((0, ""), await script.RunAsync(Cancel));
    }

    [Theory]
    [MemberData(nameof(NotRun))]
    public void What_is_not_run_says_what_keeps_it(string page, int line, string reason) => Assert.Skip($"{page}, line {line}: needs {reason}");

    [Fact]
    public void Every_block_says_whether_it_is_typed_or_read() => Assert.All(GuidePage.All, static page =>
        Assert.Empty(page.Blocks.Where(static b => b.Language is not ("powershell" or "sh" or "crontab" or "json" or "xml" or "ini" or "text")).Select(b => $"{page.Name}, line {b.Line}")));

    /// <summary>Blocks are files, as people would put them into: <c>exit</c> ends a file, and variables stay.</summary>
    private async Task<string> CallAsync(GuideBlock block, ExampleWorld world)
    {
        var isShell = block.Language != "powershell";
        var text = world.Adapt(block.Language == "crontab" ? Times().Replace(block.Text, "") : block.Text).Replace("./VpsAdmin.psd1", EngineSession.Manifest, StringComparison.Ordinal);
        var file = _folder.File($"block-{block.Line}.{(isShell ? "sh" : "ps1")}");
        await File.WriteAllTextAsync(file, text + "\n", Cancel);
        // What is read from standard input is a password, or a token: here it is both.
        return isShell ? $"'{world.Token}' | & bash -eu {file} | Out-Default" : $". {file} | Out-Default";
    }

    /// <summary>As installed, in a folder of PATH.</summary>
    private void LinkPrograms()
    {
        Directory.CreateDirectory(_folder.File("bin"));
        File.CreateSymbolicLink(_folder.File("bin/vpsadmin"), ExampleScript.Shell);
        File.CreateSymbolicLink(_folder.File("bin/vpsadmin-server"), Path.Combine(GuidePage.Root, "lib", "server", "vpsadmin-server"));
    }

    public void Dispose()
    {
        // What was restored and mounted where the guide says.
        foreach (var mount in File.ReadLines("/proc/self/mounts").Select(static l => l.Split(' ')[1]).Where(m => m.StartsWith(_folder.Path, StringComparison.Ordinal)).ToList())
        {
            using var unmount = Process.Start("umount", [mount]);
            unmount.WaitForExit();
        }
        _folder.Dispose();
    }

    [GeneratedRegex(@"^(?:[\d*]\S* +){5}", RegexOptions.Multiline)]
    private static partial Regex Times();
}
