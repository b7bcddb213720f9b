using System.Reflection;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Tests.Api;

public sealed class ApiPageTests
{
    private static readonly string Root =
        typeof(ApiPageTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepoRoot").Value!;

    /// <summary>When this fails: <c>dotnet run --project src/VpsAdmin.Server -- api-docs > docs/api.md</c></summary>
    [Fact]
    public async Task The_page_in_the_repository_is_what_the_declarations_say() =>
        Assert.Equal(await File.ReadAllTextAsync(Path.Combine(Root, "docs", "api.md"), TestContext.Current.CancellationToken), ApiDocsCommand.Page);

    [Fact]
    public void It_names_every_action_with_its_rules()
    {
        var page = ApiPage.Write("/v7.0", SampleCatalogue.Resources);
        Assert.Contains("### project.task#create\n\n    POST /v7.0/projects/{project_id}/tasks\n\nCreate a task. Also called new.\n", page, StringComparison.Ordinal);
        Assert.Contains("| `label` | String | required |\n| `done` | Boolean | default `false` |\n| `priority` | String | one of `low`, `high` |\n| `after` | project.task |  |\n",
            page, StringComparison.Ordinal);
        Assert.Contains("| `for_support` | Integer | for administrators and support staff |", page, StringComparison.Ordinal);
        Assert.Contains("| `i` | Integer | also accepted as `number` |", page, StringComparison.Ordinal);
    }
}
