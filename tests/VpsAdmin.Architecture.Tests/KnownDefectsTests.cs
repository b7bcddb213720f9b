using System.Reflection;
using System.Text.RegularExpressions;

namespace VpsAdmin.Architecture.Tests;

/// <summary>The pages of known defects and of the release notes are complete, and the tests that they name are there.</summary>
public sealed partial class KnownDefectsTests
{
    private const int Defects = 35;
    private const int Vectors = 25;
    private const int AnnouncedLines = 23;

    private static readonly string Root = typeof(KnownDefectsTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "RepoRoot").Value!;

    private static readonly string[] Rows =
        [.. File.ReadLines(Path.Combine(Root, "docs", "known-defects.md")).Where(static line => line.StartsWith("| BUG-", StringComparison.Ordinal) || line.StartsWith("| V", StringComparison.Ordinal))];

    private static readonly string[] ReleaseNotes =
        [.. File.ReadLines(Path.Combine(Root, "docs", "release-notes.md")).Where(static line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1)];

    [Fact]
    public void Every_line_of_the_release_notes_names_a_test()
    {
        Assert.Equal(AnnouncedLines, ReleaseNotes.Length);
        Assert.DoesNotContain(ReleaseNotes, static row => !TestName().IsMatch(row));
    }

    [Fact]
    public void Every_defect_and_every_vector_has_one_row()
    {
        var ids = Rows.SelectMany(static row => row.Split('|')[1].Split(',', StringSplitOptions.TrimEntries));
        Assert.Equal(
            [.. Enumerable.Range(1, Defects).Select(static n => $"BUG-{n}"), .. Enumerable.Range(1, Vectors).Select(static n => $"V{n}")],
            ids.OrderBy(static id => id[0]).ThenBy(static id => int.Parse(id.AsSpan(id.StartsWith('B') ? 4 : 1), System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Fact]
    public void Every_row_names_a_test_or_says_why_there_is_none() =>
        Assert.DoesNotContain(Rows, static row => !TestName().IsMatch(row) && !row.Contains("Not applicable", StringComparison.Ordinal));

    [Fact]
    public void Every_test_that_is_named_is_there()
    {
        var there = Directory.EnumerateFiles(Path.Combine(Root, "tests"), "*.cs", SearchOption.AllDirectories)
            .Where(static file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal))
            .SelectMany(static file => TestsOf(File.ReadAllText(file))).ToHashSet(StringComparer.Ordinal);
        var named = Rows.Concat(ReleaseNotes).SelectMany(static row => TestName().Matches(row)).Select(static match => match.Groups["name"].Value);
        Assert.Empty(named.Except(there));
    }

    private static IEnumerable<string> TestsOf(string source) => ClassName().Match(source) is { Success: true } type
        ? Test().Matches(source).Select(test => $"{type.Groups["name"].Value}.{test.Groups["name"].Value}")
        : [];

    [GeneratedRegex(@"`(?<name>\w+\.\w+)`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\bclass (?<name>\w+Tests)\b")]
    private static partial Regex ClassName();

    [GeneratedRegex(@"\[(Fact|Theory)\b.*?\b(void|Task) (?<name>\w+)\(", RegexOptions.Singleline)]
    private static partial Regex Test();
}
