using System.Management.Automation;
using System.Text.RegularExpressions;
using Markdig;
using Markdig.Helpers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using VpsAdmin.Help;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>README and the documents: what they tell people to type is right, and their links lead somewhere.</summary>
public sealed partial class DocumentTests : IDisposable
{
    private static readonly string Root = Path.GetDirectoryName(EngineSession.Manifest)!;
    private static readonly MarkdownPipeline Markdown = new MarkdownPipelineBuilder().UsePipeTables().UseYamlFrontMatter().Build();

    private readonly EngineSession _session = new();

    [Fact]
    public void Every_command_is_one_that_the_cmdlets_understand()
    {
        var check = new ExampleCheck(_session, Cmdlets());
        // The changelog tells of what was.
        Assert.All(Documents.Markdown(Root).Where(d => Path.GetFileName(d) != "CHANGELOG.md"), document => Assert.All(Scripts(Parse(document)), script => check.CommandsOf(script)));
    }

    [Fact]
    public void Every_command_in_the_topics_is_one_that_the_cmdlets_understand()
    {
        var check = new ExampleCheck(_session, Cmdlets());
        Assert.All(Directory.GetFiles(Path.Combine(Root, "en-US"), "about_*.txt"), topic =>
            Assert.NotEmpty(File.ReadLines(topic).Where(l => TopicCommand().IsMatch(l)).SelectMany(l => check.CommandsOf(l))));
    }

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading_that_are_there() => Assert.All(Documents.Markdown(Root), static document => Assert.Empty(DeadLinks(document)));

    [Fact]
    public void Every_project_and_file_that_a_command_of_dotnet_names_is_there() => Assert.All(Documents.Markdown(Root), static document =>
    {
        var paths = Commands(Parse(document)).Where(static c => DotnetCommand().IsMatch(c)).SelectMany(static c => OurPath().Matches(c)).Select(static m => m.Groups[1].Value);
        Assert.All(paths, static p => Assert.True(Path.Exists(Path.Combine(Root, p)), p));
    });

    public void Dispose() => _session.Dispose();

    private Dictionary<string, CmdletInfo> Cmdlets() =>
        _session.Run("Get-Command -Module VpsAdmin").Output.Select(o => (CmdletInfo)o.BaseObject).ToDictionary(c => c.Name, StringComparer.OrdinalIgnoreCase);

    private static MarkdownDocument Parse(string document) => Markdig.Markdown.Parse(File.ReadAllText(document), Markdown);

    private static IEnumerable<string> DeadLinks(string document) =>
        from link in Parse(document).Descendants<LinkInline>()
        let parts = link.Url!.Split('#', 2)
        where !parts[0].Contains("://", StringComparison.Ordinal)
        let target = parts[0].Length == 0 ? document : Path.Combine(Path.GetDirectoryName(document)!, parts[0])
        where !Path.Exists(target) || (parts.Length > 1 && target.EndsWith(".md", StringComparison.Ordinal) && !Anchors(target).Contains(parts[1]))
        select link.Url;

    /// <summary>As forges make them of headings.</summary>
    private static IEnumerable<string> Anchors(string document) => Parse(document).Descendants<HeadingBlock>()
        .Select(static h => LinkHelper.UrilizeAsGfm(string.Concat(h.Inline!.Descendants().Select(static i => i switch { LiteralInline text => text.Content.ToString(), CodeInline code => code.Content, _ => "" }))));

    /// <summary>Blocks of PowerShell, and commands in a line of text.</summary>
    private static IEnumerable<string> Scripts(MarkdownDocument document) =>
    [
        .. document.Descendants<FencedCodeBlock>().Where(b => b.Info == "powershell").Select(b => b.Lines.ToString()),
        // A bar in a table is escaped, also in code.
        .. document.Descendants<CodeInline>().Select(c => c.Content.Replace(@"\|", "|", StringComparison.Ordinal)).Where(c => Command().IsMatch(c)),
    ];

    /// <summary>Lines of blocks in other languages than PowerShell, and what is in a line of text.</summary>
    private static IEnumerable<string> Commands(MarkdownDocument document) =>
    [
        .. document.Descendants<FencedCodeBlock>().Where(b => b.Info != "powershell").SelectMany(b => b.Lines.ToString().Split('\n')),
        .. document.Descendants<CodeInline>().Select(c => c.Content),
    ];

    /// <summary>Of the SDK, or a program that it has built.</summary>
    [GeneratedRegex(@"^([A-Z_]+=\S+ )*(dotnet|tests/\S+/bin/\S+) ")]
    private static partial Regex DotnetCommand();

    /// <summary>Up to where the build puts things.</summary>
    [GeneratedRegex(@"(?<![\w./-])((?:src|tests|docs|packaging)/(?:(?!bin/)[\w.-]+/?)+)")]
    private static partial Regex OurPath();

    /// <summary>A cmdlet's name alone says nothing of its parameters.</summary>
    [GeneratedRegex(@"^[A-Z][a-z]+-Vps\w* ")]
    private static partial Regex Command();

    /// <summary>Indented once, and with a parameter or a pipe: prose in a topic is indented as well.</summary>
    [GeneratedRegex(@"^ {4,12}(\$\w+ += )?[A-Z][a-z]+-Vps\w*(?= ).*( -[A-Z]| \| )")]
    private static partial Regex TopicCommand();
}
