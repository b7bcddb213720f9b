using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace VpsAdmin.Web.Tests;

/// <summary>Whoever translates the pages finds all that they say in one file.</summary>
public sealed partial class TextTests
{
    private static readonly string Pages = Path.Combine(
        typeof(TextTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "RepoRoot").Value!, "src", "VpsAdmin.Server", "Web");

    [Fact]
    public void Every_text_is_in_the_resource_file()
    {
        var said = Directory.EnumerateFiles(Pages, "*.razor", SearchOption.AllDirectories)
            .SelectMany(static f => Literal().Matches(File.ReadAllText(f)).Select(static m => m.Groups[1].Value.Replace("\\\"", "\"", StringComparison.Ordinal))).Distinct().ToList();
        var known = XDocument.Load(Path.Combine(Pages, "Texts.resx")).Descendants("data").Select(static d => d.Attribute("name")!.Value).ToHashSet();
        Assert.NotEmpty(said);
        Assert.Empty(said.Except(known));
    }

    [GeneratedRegex("""\bT\["((?:[^"\\]|\\.)*)"[\],]""")]
    private static partial Regex Literal();
}
