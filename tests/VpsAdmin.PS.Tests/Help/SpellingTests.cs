using System.Text.RegularExpressions;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;
using VpsAdmin.Help;
using VpsAdmin.Lab;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>The documents are spelt as a British dictionary has it, but for the words of our field, which are in words.txt.</summary>
public sealed partial class SpellingTests
{
    private static readonly string Words = Path.Combine(Repository.Root, "tests", "VpsAdmin.PS.Tests", "Help", "words.txt");

    [Fact]
    public async Task Every_word_of_the_documents_is_in_a_dictionary()
    {
        var cancel = TestContext.Current.CancellationToken;
        var reason = await SpellChecker.InstallAsync(cancel);
        Assert.SkipWhen(reason is not null, reason ?? "");
        var pages = Documents.Markdown(Repository.Root).SelectMany(static d => Prose(ParsedDocument.Read(d)));
        var topics = Directory.GetFiles(Path.Combine(Repository.Root, "en-US"), "about_*.txt").SelectMany(File.ReadLines).Where(static l => !Code().IsMatch(l));
        var text = string.Join('\n', pages.Concat(topics).Select(static t => Names().Replace(t, " ")));
        Assert.Equal("", string.Join(' ', await SpellChecker.UnknownAsync(text, Words, cancel)));
    }

    [Fact]
    public void The_words_of_our_field_are_sorted_and_each_is_there_once()
    {
        var words = File.ReadAllLines(Words);
        Assert.Equal(words.Distinct().Order(StringComparer.Ordinal), words);
    }

    /// <summary>A literal ends where a code span, a link's address or a line does.</summary>
    private static IEnumerable<string> Prose(MarkdownDocument document) => document.Descendants<LiteralInline>().Select(static l => l.Content.ToString());

    /// <summary>Paths, addresses, numbers, parameters, and names with a capital or a digit inside are no words of a language.</summary>
    [GeneratedRegex(@"\S*[\\/@=_:]\S*\w|\w+\.\w\S*|-[A-Z]\w+|\w*[0-9]\w*|\b\w*[a-z][A-Z]\w*|\b[A-Z]{2,}(es|s)?\b('s)?")]
    private static partial Regex Names();

    [GeneratedRegex(@"[$|]|^ {4,}.*( -[A-Z])")]
    private static partial Regex Code();
}
