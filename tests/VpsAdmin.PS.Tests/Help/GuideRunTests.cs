using System.Diagnostics;
using System.Text.RegularExpressions;
using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>What README and the guides tell people to type is run, by vpsadmin, from top to bottom, on a real server and a real pool, where nothing is but what they say is there.</summary>
public sealed partial class GuideRunTests(LabFixture lab) : IAsyncDisposable
{
    /// <summary>What a page says is there, besides a pool, in its words.</summary>
    private static readonly Dictionary<string, (string Words, ExampleThing Thing)[]> There = new()
    {
        ["README.md"] = [("Into a folder that is there (`./archives`)", ExampleThing.Archives), ("into a folder that is there (`./streams`)", ExampleThing.Streams), ("with the token in a file that only root can read", ExampleThing.Token)],
        ["docs/guides/first-backup.md"] = [("as an archive, into a folder that is there", ExampleThing.Archives)],
        ["docs/guides/from-vpsadminctl.md"] = [("Backups made by `vpsadminctl backup dataset` or `backup vps` simply go on", ExampleThing.Backup)],
        ["docs/guides/restoring.md"] = [("what is in `tank/backup/web` is enough", ExampleThing.WebBackup), ("onto a disk that is mounted at `/media/usb`", ExampleThing.Disk)],
        ["docs/guides/troubleshooting.md"] = [("a backup that was made before fails", ExampleThing.Backup)],
    };

    /// <summary>Pages that begin where somebody is connected.</summary>
    private static readonly Dictionary<string, string> Connected = new() { ["docs/guides/troubleshooting.md"] = "a backup that was made before fails" };

    private readonly TemporaryFolder _folder = new();
    private ExampleWorld? _world;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Pages => [.. GuidePage.All.Where(static p => p.Blocks.Any(static b => b.IsRun)).Select(static p => p.Name)];

    public static TheoryData<string, int, string> NotRun =>
        new(GuidePage.All.SelectMany(static p => p.Blocks.Where(static b => b.NotRun is not null).Select(b => (p.Name, b.Line, b.NotRun!))));

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_block_of_the_page_does_what_it_says_without_an_error(string name)
    {
        var page = GuidePage.All.Single(p => p.Name == name);
        (await lab.ConnectAsync()).Dispose();
        var world = _world = await ExampleWorld.MakeAsync(new ExampleGround(lab.Server, lab.SourcePool, lab.TargetPool), $"guide-{Path.GetFileNameWithoutExtension(name).ToLowerInvariant()}", _folder.Path);
        world.Place(There.GetValueOrDefault(name, []).Select(static t => t.Thing));
        await ExamplePrograms.InstallAsync(_folder.Path);
        var script = new ExampleScript(lab.Server, _folder.Path);
        if (Connected.ContainsKey(name))
            script.Prepare($"$null = Connect-VpsAdmin {lab.Server.Uri} $credential");
        foreach (var block in page.Blocks.Where(static b => b.IsRun))
            script.Add($"{name}, line {block.Line}", await CallAsync(block, world));
        var (exit, error) = await script.RunAsync();
        Assert.True((exit, error) is (0, ""), $"{exit}: {error}");
    }

    [Fact]
    public void What_is_there_is_said_in_the_page()
    {
        foreach (var (page, words) in There.SelectMany(static t => t.Value.Select(thing => (t.Key, thing.Words))).Concat(Connected.Select(static c => (c.Key, c.Value))))
            Assert.Contains(words, File.ReadAllText(Path.Combine(Repository.Root, page)).ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(NotRun))]
    public void What_is_not_run_says_what_keeps_it(string page, int line, string reason) => Assert.Skip($"{page}, line {line}: {reason}");

    [Fact]
    public void Tests_that_are_named_where_something_is_not_run_are_there()
    {
        var there = Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests"), "*Tests.cs", SearchOption.AllDirectories).SelectMany(static f => TestClass().Matches(File.ReadAllText(f))).Select(static m => m.Groups[1].Value).ToHashSet();
        var named = NotRun.Select(static n => n.Data.Item3).Concat(ExampleSettings.NotRun.Values).SelectMany(static reason => TestName().Matches(reason)).Select(static m => m.Value).ToHashSet();
        Assert.Contains(nameof(PackageTests), named);
        Assert.Empty(named.Except(there));
    }

    [Fact]
    public void Every_block_says_whether_it_is_typed_or_read() => Assert.All(GuidePage.All, static page =>
        Assert.Empty(page.Blocks.Where(static b => b.Language is not ("powershell" or "sh" or "crontab" or "json" or "xml" or "ini" or "text")).Select(b => $"{page.Name}, line {b.Line}")));

    /// <summary>Blocks are files, as people would put them into: <c>exit</c> ends a file, and variables stay.</summary>
    private async Task<string> CallAsync(GuideBlock block, ExampleWorld world)
    {
        var isShell = block.Language != "powershell";
        var text = world.Adapt(block.Language == "crontab" ? Times().Replace(block.Text, "") : block.Text).Replace("./VpsAdmin.psd1", Repository.Manifest, StringComparison.Ordinal);
        var file = _folder.File($"block-{block.Line}.{(isShell ? "sh" : "ps1")}");
        await File.WriteAllTextAsync(file, text + "\n", Cancel);
        // What is read from standard input is a password, or a token: here it is both.
        return isShell ? $"'{world.Token}' | & bash -eu {file} | Out-Default" : $". {file} | Out-Default";
    }

    public async ValueTask DisposeAsync()
    {
        // Last, whatever becomes of the rest.
        using var folder = _folder;
        await using var world = _world;
        try
        {
            await ExamplePrograms.StopAsync(folder.Path);
        }
        finally
        {
            // What was restored and mounted where the guide says.
            foreach (var mount in File.ReadLines("/proc/self/mounts").Select(static l => l.Split(' ')[1]).Where(m => m.StartsWith(folder.Path, StringComparison.Ordinal)).ToList())
            {
                using var unmount = Process.Start("umount", [mount]);
                await unmount.WaitForExitAsync();
            }
        }
    }

    [GeneratedRegex(@"\bclass (\w+Tests)\b")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"\b\w+Tests\b")]
    private static partial Regex TestName();

    [GeneratedRegex(@"^(?:[\d*]\S* +){5}", RegexOptions.Multiline)]
    private static partial Regex Times();
}
