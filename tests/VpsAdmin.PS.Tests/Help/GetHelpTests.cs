using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Text.RegularExpressions;
using VpsAdmin.Help;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>What Get-Help shows at a prompt is what the pages say.</summary>
public sealed partial class GetHelpTests : IDisposable
{

    private readonly EngineSession _session = new();

    [Fact]
    public void What_is_made_of_the_pages_is_made_of_them_as_they_are() =>
        // Otherwise: build.ps1 -Task Docs.
        Assert.All(Documents.Of(Repository.Root), static made => Assert.Equal(made.Text, File.ReadAllText(made.Path)));

    [Fact]
    public void Every_cmdlet_has_its_synopsis_description_examples_and_notes() => Assert.All(CmdletPage.All, page =>
    {
        var help = Help("Get-Help $Name -Full", page.Cmdlet).Single();
        Assert.Equal(page.Parts("EXAMPLES").Keys, Many(help, "examples", "example").Select(e => Text(e, "title")));
        Assert.All(Many(help, "examples", "example"), e => Assert.Contains(page.Cmdlet, Text(e, "code"), StringComparison.Ordinal));
        Assert.NotEmpty(Text(help, "Synopsis"));
        Assert.NotEmpty(Many(help, "description"));
        Assert.Contains(page.ErrorIds.First(), string.Join('\n', Many(help, "alertSet", "alert").Select(a => Text(a, "Text"))), StringComparison.Ordinal);
    });

    /// <summary>In its list verbs that share a noun are written together: <c>Start-, Stop-Vps</c>.</summary>
    [Fact]
    public void The_topic_of_the_module_lists_its_cmdlets()
    {
        var text = File.ReadAllText(Path.Combine(Repository.Root, "en-US", "about_VpsAdmin.help.txt")).ReplaceLineEndings("\n");
        var listed = new List<string>();
        foreach (Match group in CmdletGroup().Matches(Commands().Match(text).Value))
            listed.AddRange(group.Groups["verb"].Captures.Select(verb => $"{verb.Value}-{group.Groups["noun"].Value}"));
        Assert.Equal(CmdletPage.All.Select(static p => p.Cmdlet), listed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_parameter_is_explained() => Assert.All(CmdletPage.All, page =>
    {
        var parameters = page.Parts("PARAMETERS").Keys.Where(p => p.StartsWith('-')).ToList();
        if (parameters.Count == 0)
            return;
        var help = Help("Get-Help $Name -Parameter *", page.Cmdlet);
        Assert.Equal(parameters, help.Select(p => "-" + Text(p, "name")));
        Assert.All(help, p => Assert.NotEmpty(Text(Many(p, "description")[0], "Text")));
    });

    [Theory]
    [InlineData("Get-Help Save-VpsSnapshot -Examples", "Example 2: Continue an interrupted one", "Save-VpsSnapshot -Id 4242 -Path vps.tar.gz -Resume")]
    [InlineData("Get-Help Save-VpsSnapshot -Full", "RELATED LINKS", "[-Format {Archive | Stream | IncrementalStream}]")]
    [InlineData("Get-Help Save-VpsSnapshot -Parameter MaxRate", "-MaxRate <Int64>", "Accept wildcard characters?  false")]
    [InlineData("Get-Help about_VpsAdmin_Backup", "TOPIC", "cz.vpsfree.vpsadmin:dataset_id")]
    [InlineData("Get-Help about_VpsAdmin_Transfer", "TOPIC", "COMMIT LAST")]
    [InlineData("Get-Help about_VpsAdmin_Automation", "TOPIC", "VPSADMIN_TOKEN")]
    [InlineData("Get-Help about_VpsAdmin", "FIRST STEPS")]
    public void It_is_shown_at_the_prompt(string script, params string[] shown)
    {
        // Where lines break is the host's matter.
        var text = Joined(_session.Render(script));
        Assert.All(shown, s => Assert.Contains(Joined(s), text, StringComparison.Ordinal));

        static string Joined(string text) => string.Concat(text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    public void Dispose() => _session.Dispose();

    private Collection<PSObject> Help(string script, string cmdlet)
    {
        var result = _session.Run($"param($Name) {script}", ("Name", cmdlet));
        Assert.Empty(result.Errors.Select(e => e.ToString()));
        return result.Output;
    }

    private static string Text(PSObject help, string name) => help.Properties[name]?.Value?.ToString() ?? "";

    /// <summary>One thing and several are of different types in the engine's help objects.</summary>
    private static PSObject[] Many(PSObject help, params string[] path) => path.Aggregate<string, PSObject[]>([help], static (found, name) =>
        [.. found.SelectMany(f => f.Properties[name]?.Value is { } value ? LanguagePrimitives.GetEnumerable(value)?.Cast<object>() ?? [value] : []).Select(PSObject.AsPSObject)]);

    [GeneratedRegex(@"(?<=\n  COMMANDS[^\n]*\n).*?(?=\n    Get-Command)", RegexOptions.Singleline)]
    private static partial Regex Commands();

    [GeneratedRegex(@"(?:(?<verb>[A-Z][a-z]+)-,\s+)*(?<verb>[A-Z][a-z]+)-(?<noun>Vps\w*)")]
    private static partial Regex CmdletGroup();
}
