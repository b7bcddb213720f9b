using System.Text.RegularExpressions;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>The commands that the topics of help show are run, by vpsadmin, in the order of the topic.</summary>
[Collection(nameof(ExampleCluster))]
public sealed partial class TopicRunTests(ExampleCluster cluster) : IDisposable
{
    private const string ForPwsh = "pwsh ";

    /// <summary>What is not run, by what it begins with.</summary>
    private static readonly Dictionary<string, string> Kept = new()
    {
        ["zfs release vpsadmin:base FILESYSTEM"] = "a backup that is to go, by its name",
    };

    private readonly TemporaryFolder _folder = new();

    public static TheoryData<string> Topics =>
        [.. Directory.GetFiles(Path.Combine(Repository.Root, "en-US"), "about_*.help.txt").Order(StringComparer.Ordinal).Select(static f => Path.GetFileName(f))];

    public static TheoryData<string, string> NotRun => new(Kept.Select(static k => (k.Key, k.Value)));

    [Theory]
    [MemberData(nameof(Topics))]
    public async Task Every_command_of_the_topic_does_what_it_says_without_an_error(string topic)
    {
        cluster.Require();
        var hasPwsh = await Pwsh.ReasonAsync() is null;
        var paragraphs = Paragraphs(topic).Where(p => !Kept.Keys.Any(k => p[0].StartsWith(k, StringComparison.Ordinal)) && (hasPwsh || !p[0].StartsWith(ForPwsh, StringComparison.Ordinal))).ToList();
        Assert.SkipWhen(paragraphs.Count == 0, "Shows nothing that can be run here");
        cluster.Clear();
        await using var world = await ExampleWorld.MakeAsync(cluster.Ground, topic.Split('.')[0].ToLowerInvariant(), _folder.Path);
        world.Place(Enum.GetValues<ExampleThing>());
        await ExamplePrograms.InstallAsync(_folder.Path);
        var script = new ExampleScript(cluster.Ground.Server, _folder.Path);
        script.Prepare($"$null = Connect-VpsAdmin {cluster.Ground.Server.Uri} $credential -Name work -Save");
        foreach (var paragraph in paragraphs)
        {
            script.Prepare($"$null = Connect-VpsAdmin {cluster.Ground.Server.Uri} $credential");
            script.Add(topic, $". {{\n{world.Adapt(string.Join('\n', paragraph))}\n}} | Out-Default");
            script.Prepare(world.Reset);
        }
        var (exit, error) = await script.RunAsync();
        Assert.True((exit, error) is (0, ""), $"{exit}: {error}");
    }

    [Fact]
    public async Task Some_paragraphs_are_typed_into_pwsh_and_left_out_where_there_is_none()
    {
        Assert.Contains(Topics.SelectMany(static t => Paragraphs(t.Data)), static p => p[0].StartsWith(ForPwsh, StringComparison.Ordinal));
        var reason = await Pwsh.ReasonAsync();
        Assert.SkipWhen(reason is not null, reason ?? "");
    }

    [Theory]
    [MemberData(nameof(NotRun))]
    public void What_is_not_run_is_still_there_and_says_what_keeps_it(string line, string reason)
    {
        Assert.Contains(Topics.SelectMany(static t => Paragraphs(t.Data)), p => p[0].StartsWith(line, StringComparison.Ordinal));
        Assert.Skip($"{line}: needs {reason}");
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Indented lines between empty ones and headings, where the first is a command.</summary>
    private static IEnumerable<IReadOnlyList<string>> Paragraphs(string topic)
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "en-US", topic)).ReplaceLineEndings("\n");
        return Break().Split(text).Select(static p => p.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)).Where(static p => p.Length > 0 && Command().IsMatch(p[0]));
    }

    [GeneratedRegex(@"\n\s*\n|^ {0,2}\S.*\n", RegexOptions.Multiline)]
    private static partial Regex Break();

    /// <summary>With a parameter or a pipe: prose begins with a command's name as well.</summary>
    [GeneratedRegex(@"^(\$\w+ += |(try { )?[A-Z][a-z]+-Vps\w*(?= ).*( -[A-Z]| \| )|vpsadmin -Command|pwsh -|zfs release)")]
    private static partial Regex Command();
}
