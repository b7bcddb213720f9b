using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Web.Drawing;
using VpsAdmin.Server.Web.Queries;

namespace VpsAdmin.Web.Tests;

/// <summary>Whoever translates the pages finds all that they say in one file.</summary>
public sealed partial class TextTests
{
    private static readonly string Pages = Path.Combine(
        typeof(TextTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "RepoRoot").Value!, "src", "VpsAdmin.Server", "Web");

    [Fact]
    public void Every_text_is_in_the_resource_file()
    {
        var said = Directory.EnumerateFiles(Pages, "*.razor", SearchOption.AllDirectories).Concat(Directory.EnumerateFiles(Pages, "*.cs", SearchOption.AllDirectories))
            .SelectMany(static f => Literal().Matches(File.ReadAllText(f)).Select(static m => m.Groups[1].Value.Replace("\\\"", "\"", StringComparison.Ordinal))).Distinct().ToList();
        Assert.NotEmpty(said);
        Assert.Empty(said.Except(Known()));
    }

    [Fact]
    public void So_is_what_pages_say_of_what_they_are_given()
    {
        string[] said =
        [
            .. Enum.GetNames<ChainState>().Select(static s => s.ToLowerInvariant()), .. Enum.GetNames<ChainState>().Select(static s => ChainWords.OfChain(s.ToLowerInvariant())),
            .. Enum.GetNames<TransactionType>().Select(ChainWords.OfStep), .. ChainWords.OfErrors, StepFailure.Unexplained, .. FieldWords.Labels, SnapshotSize.InBackup, SnapshotSize.Elsewhere, .. WindowRow.Days, ExportBases.Newer, ExportBases.OtherHistory,
            .. ReadyCommands.OfDownload("stream", 1, "1", 1, null, "", "").Select(static c => c.Title), ReadyCommands.Call("dataset#index", [], []).Title,
            .. Enumerable.Range(0, 10).Select(static d => Freshness.Level(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddDays(d))), Freshness.Level(null, default),
        ];
        Assert.Empty(said.Distinct().Except(Known()));
    }

    /// <summary>Names differ by more than capitals, or a compiled file would have but one of them.</summary>
    [Fact]
    public void No_text_hides_another() => Assert.Equal(Known().Count, Known().Distinct(StringComparer.OrdinalIgnoreCase).Count());

    private static HashSet<string> Known() => [.. XDocument.Load(Path.Combine(Pages, "Texts.resx")).Descendants("data").Select(static d => d.Attribute("name")!.Value)];

    [GeneratedRegex("""(?:\bT|\btexts|\bWords\(http\))\["((?:[^"\\]|\\.)*)"[\],]""")]
    private static partial Regex Literal();
}
