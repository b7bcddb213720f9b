using System.Management.Automation;
using System.Text.RegularExpressions;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using VpsAdmin.Help;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>README and the documents: what they tell people to type is right, and their links lead somewhere.</summary>
public sealed partial class DocumentTests : IDisposable
{
    private readonly EngineSession _session = new();

    [Fact]
    public void Every_command_is_one_that_the_cmdlets_understand()
    {
        var check = new ExampleCheck(_session, Cmdlets());
        // The changelog tells of what was.
        Assert.All(Documents.Markdown(Repository.Root).Where(d => Path.GetFileName(d) != "CHANGELOG.md"), document => Assert.All(Scripts(ParsedDocument.Read(document)), script => check.CommandsOf(script)));
    }

    [Fact]
    public void Every_command_in_the_topics_is_one_that_the_cmdlets_understand()
    {
        var check = new ExampleCheck(_session, Cmdlets());
        Assert.All(Directory.GetFiles(Path.Combine(Repository.Root, "en-US"), "about_*.txt"), topic =>
            Assert.NotEmpty(File.ReadLines(topic).Where(l => TopicCommand().IsMatch(l)).SelectMany(l => check.CommandsOf(l))));
    }

    [Fact]
    public async Task Every_document_that_is_kept_is_among_those_that_are_looked_at()
    {
        Assert.SkipUnless(Path.Exists(Path.Combine(Repository.Root, ".git")), "This is no working copy of git's.");
        var (code, output, error) = await ProgramRun.RunAsync("git", ["-C", Repository.Root, "ls-files", "--cached", "--others", "--exclude-standard", "--", "*.md"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Equal(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal), Documents.Markdown(Repository.Root).Select(static d => Path.GetRelativePath(Repository.Root, d)).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_link_leads_to_a_file_and_a_heading_that_are_there() => Assert.All(Documents.Markdown(Repository.Root), static document => Assert.Empty(DocumentLinks.DeadOf(document)));

    [Fact]
    public void Every_project_and_file_that_a_command_of_dotnet_names_is_there() => Assert.All(Documents.Markdown(Repository.Root), static document =>
    {
        var paths = Commands(ParsedDocument.Read(document)).Where(static c => DotnetCommand().IsMatch(c)).SelectMany(static c => OurPath().Matches(c)).Select(static m => m.Groups[1].Value);
        Assert.All(paths, static p => Assert.True(Path.Exists(Path.Combine(Repository.Root, p)), p));
    });

    public void Dispose() => _session.Dispose();

    private Dictionary<string, CmdletInfo> Cmdlets() =>
        _session.Run("Get-Command -Module VpsAdmin").Output.Select(o => (CmdletInfo)o.BaseObject).ToDictionary(c => c.Name, StringComparer.OrdinalIgnoreCase);

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
