using VpsAdmin.Backup.Tests.Telling;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>The examples of the pages are run, by vpsadmin or by pwsh, in the order of the page, on real servers and a real pool.</summary>
[Collection(nameof(ExampleCluster))]
public sealed class ExampleRunTests(ExampleCluster cluster) : IDisposable
{
    private const string Watched = "https://hc.example.org";

    /// <summary>Words of examples by which things are there.</summary>
    private static readonly (ExampleThing Thing, string[] Words)[] Named =
    [
        (ExampleThing.Token, ["/etc/vpsadmin"]),
        (ExampleThing.EmptyBackup, ["backup/vps101"]),
        (ExampleThing.WebBackup, ["tank/backup/web", "tank -Recurse"]),
        (ExampleThing.Filesystems, ["tank/vps", "tank/restored", "backup/web1"]),
        (ExampleThing.Archives, ["./archives"]),
        (ExampleThing.Streams, ["./streams"]),
        (ExampleThing.StreamStore, ["/srv/streams"]),
    ];

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Pages => [.. CmdletPage.All.Select(p => p.Cmdlet)];

    public static TheoryData<string, int, string> NotRun => new(ExampleSettings.NotRun.Select(static e => (e.Key.Cmdlet, e.Key.Number, e.Value)));

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_example_of_the_page_does_what_it_says_without_an_error(string cmdlet)
    {
        cluster.Require();
        var (examples, missing) = await SortAsync(cmdlet);
        Assert.SkipWhen(examples.Count == 0, string.Join('\n', missing));
        var needs = examples.Aggregate(ExampleNeed.Nothing, static (all, e) => all | e.Setting.Need);
        cluster.Clear();
        await using var world = await ExampleWorld.MakeAsync(cluster.Ground, cmdlet.ToLowerInvariant(), _folder.Path, needs.HasFlag(ExampleNeed.Systems));
        world.Place(Things(string.Join('\n', examples.Select(static e => $"{e.Code}\n{e.Setting.Before}"))));
        await ExamplePrograms.InstallAsync(_folder.Path);
        if (needs.HasFlag(ExampleNeed.Database))
            await WriteSettingsAsync(world);
        await using var watcher = await Watcher.StartAsync();

        var script = new ExampleScript(cluster.Ground.Server, _folder.Path, needs.HasFlag(ExampleNeed.Pwsh));
        script.Prepare($"$null = Connect-VpsAdmin {cluster.Ground.Server.Uri} $credential -Name work -Save");
        script.Prepare(world.Functions);
        foreach (var (number, code, setting) in examples)
        {
            script.Prepare($"$null = Connect-VpsAdmin {cluster.Ground.Server.Uri} $credential");
            script.Add($"Example {number}", world.Adapt($$"""
                {{setting.Before}}
                & {
                {{code.Replace(Watched, watcher.Address.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal)}}
                } {{setting.Arguments}} | Out-Default
                {{(setting.Then.Length > 0 ? $"if (-not $({setting.Then})) {{ throw 'This is not true afterwards: {setting.Then.Replace("'", "''", StringComparison.Ordinal)}' }}" : "")}}
                """));
            script.Prepare(world.Reset);
        }
        var (exit, error) = await script.RunAsync();
        // What runs keeps in its own namespace what was mounted when it began, also pools of other tests.
        if (needs.HasFlag(ExampleNeed.Systems))
            cluster.Clear();
        Assert.True((exit, error) is (0, ""), $"{exit}: {error}");
        Assert.Equal(examples.Exists(static e => e.Code.Contains(Watched, StringComparison.Ordinal)), watcher.Requests.Count > 0);
        Assert.SkipWhen(missing.Count > 0, "All but these were run. " + string.Join('\n', missing));
    }

    [Theory]
    [MemberData(nameof(NotRun))]
    public void What_is_not_run_says_what_keeps_it(string cmdlet, int number, string reason) => Assert.Skip($"{cmdlet}, example {number}: needs {reason}");

    [Fact]
    public void Every_setting_is_of_an_example() =>
        Assert.All(ExampleSettings.All.Keys.Concat(ExampleSettings.NotRun.Keys), static e => Assert.InRange(e.Number, 1, Examples(e.Cmdlet).Count()));

    public void Dispose() => _folder.Dispose();

    /// <returns>Examples that can be run here, and why the others cannot.</returns>
    private async Task<(List<(int Number, string Code, ExampleSetting Setting)> Examples, List<string> Missing)> SortAsync(string cmdlet)
    {
        var examples = new List<(int Number, string Code, ExampleSetting Setting)>();
        var missing = new List<string>();
        foreach (var (number, code) in Examples(cmdlet).Where(e => !ExampleSettings.NotRun.ContainsKey((cmdlet, e.Number))))
        {
            var setting = ExampleSettings.All.GetValueOrDefault((cmdlet, number)) ?? new();
            if (await cluster.ReasonAsync(setting.Need) is { } reason)
                missing.Add($"example {number}: {reason}");
            else
                examples.Add((number, code, setting));
        }
        return (examples, missing);
    }

    private static IEnumerable<(int Number, string Code)> Examples(string cmdlet) =>
        CmdletPage.All.Single(p => p.Cmdlet == cmdlet).Parts("EXAMPLES").Values.Select(static (e, i) => (i + 1, CmdletPage.Code(e, "powershell")));

    /// <summary>What is named, but for what is made there.</summary>
    private static IEnumerable<ExampleThing> Things(string examples) => Named.Where(n => n.Words.Any(w => examples.Contains(w, StringComparison.Ordinal) && !examples.Contains("zfs create " + w, StringComparison.Ordinal))).Select(static n => n.Thing);

    /// <summary>Of a server with its database in PostgreSQL, which has been there.</summary>
    private async Task WriteSettingsAsync(ExampleWorld world)
    {
        var data = Path.Combine(_folder.Path, "var/lib/vpsadmin");
        var file = Path.Combine(_folder.Path, "etc/vpsadmin/server.json");
        EndToEnd.Zfs.Run("create", world.Tank + "/postgres");
        await File.WriteAllTextAsync(file, $$"""{ "data": "{{data}}", "pool": "{{world.Tank}}/postgres", "urls": "http://127.0.0.1:0", "database": {{await cluster.DatabaseSettingsAsync()}} }""", Cancel);
        await using var server = await NodeHost.Tests.ChildProgram.StartAsync(Repository.Server, path: null, "Listening on", Cancel, "serve", "--config", file);
    }
}
