using VpsAdmin.Help;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>What is made of a repository's documents for the package: PackageTests look into one.</summary>
public sealed class PackagedDocumentsTests : IDisposable
{
    private readonly TemporaryFolder _repository = new();

    public PackagedDocumentsTests()
    {
        foreach (var (path, _) in PackagedDocuments.Of(Repository.Root))
            Write(path, "");
        Write("docs/plan.md", "How it is to be built.");
    }

    [Fact]
    public void A_page_goes_with_the_module_when_it_is_named() =>
        Assert.Equal(PackagedDocuments.Of(Repository.Root).Select(static d => d.Path), PackagedDocuments.Of(_repository.Path).Select(static d => d.Path));

    [Fact]
    public void Of_a_link_to_what_is_not_there_only_the_words_are_left()
    {
        Write("README.md", """
            Read [how to **restore**](docs/guides/restoring.md#disk), [the *plan*](docs/plan.md "old"), ![A house](docs/pictures/house.svg), [elsewhere](https://example.org/plan.md), [below](#below).

            | who | what |
            |---|---|
            | users | [the cmdlets](docs/cmdlets), [![A house](docs/pictures/house.svg)](docs/plan.md), [a licence](LICENSE) |
            """);
        Assert.Equal("""
            Read [how to **restore**](docs/guides/restoring.md#disk), the *plan*, A house, [elsewhere](https://example.org/plan.md), [below](#below).

            | who | what |
            |---|---|
            | users | [the cmdlets](docs/cmdlets), A house, [a licence](LICENSE) |
            """, Packaged("README.md"));
    }

    [Fact]
    public void A_link_is_looked_at_from_where_its_document_is()
    {
        Write("docs/guides/restoring.md", "[nodes](../node.md), [node.md](node.md), [the plan](../plan.md), [the first](first-backup.md)\n");
        Assert.Equal("[nodes](../node.md), node.md, the plan, [the first](first-backup.md)\n", Packaged("docs/guides/restoring.md"));
    }

    [Fact]
    public void Code_stays_as_it_is()
    {
        const string Text = """
            `$list[0](docs/plan.md)` and

            ```powershell
            [Plan](docs/plan.md)
            ```

            ~~~
            ![Plan](docs/plan.md)
            ~~~
            """;
        Write("README.md", Text);
        Assert.Equal(Text, Packaged("README.md"));
    }

    [Fact]
    public void What_is_beside_the_documents_stays_as_it_is()
    {
        Write("en-US/about_VpsAdmin.help.txt", "[the plan](docs/plan.md)");
        Assert.Equal("[the plan](docs/plan.md)", Packaged("en-US/about_VpsAdmin.help.txt"));
    }

    public void Dispose() => _repository.Dispose();

    private string Packaged(string path) => PackagedDocuments.Of(_repository.Path).Single(d => d.Path == path).Text;

    private void Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_repository.File(path))!);
        File.WriteAllText(_repository.File(path), text);
    }
}
