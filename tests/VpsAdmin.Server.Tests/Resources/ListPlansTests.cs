using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Tests.Vpses;

namespace VpsAdmin.Server.Tests.Resources;

/// <summary>No page of a list costs more the more rows there are: for each filter that a list has there is an index.</summary>
public sealed class ListPlansTests
{
    /// <summary>What does not grow with what people do.</summary>
    private static readonly string[] Few = ["cluster", "environment", "location", "node", "pool", "action_state"];

    /// <summary>Filters without an index of their own, and why they need none.</summary>
    private static readonly Dictionary<string, string> Wide = new()
    {
        ["dataset.role"] = "nearly every dataset is on a pool of the role that is asked for",
        ["dataset.to_depth"] = "most datasets are near the root",
        ["vps.location"] = "a location has many VPSes",
        ["vps.environment"] = "an environment has most VPSes",
        ["user_session.state"] = "asked for with a user",
        ["transaction_chain.class_name"] = "there are few classes, each with many chains",
        ["transaction.success"] = "asked for with a chain or a node; most succeed",
        ["transaction.done"] = "asked for with a chain or a node; most are done",
    };

    /// <summary>Filters that make sense beside another only.</summary>
    private static readonly Dictionary<string, string> Beside = new() { ["transaction_chain.row_id"] = "class_name" };

    public static TheoryData<string> Lists => [.. All.Keys.Where(static name => !Few.Contains(name))];

    private static Dictionary<string, ApiAction> All { get; } = Resources(AllResources.List)
        .Select(static r => (r.Name, Index: r.Actions.SingleOrDefault(static a => a is { Name: "index", ReturnsList: true })))
        .Where(static r => r.Index is not null).ToDictionary(static r => r.Name, static r => r.Index!);

    [Theory]
    [MemberData(nameof(Lists))]
    public async Task A_page_is_read_by_an_index_whichever_filter_is_asked_for(string list)
    {
        await using var server = await RunningServer.StartAsync();
        await server.AddSnapshotAsync((await server.VpsAsync(await server.AddVpsAsync())).DatasetId!.Value, "2026-06-13T23:00:01");
        var plans = new QueryPlans();
        foreach (var filter in All[list].Inputs.Where(static i => i.Name is not ("limit" or "from_id" or Pages.Offset)).Prepend(null))
        {
            plans.Forget();
            var name = $"{list}.{filter?.Name ?? "all"}";
            await ReadAsync(server, plans, All[list], [.. All[list].Inputs.Where(i => i == filter || i.Name == Beside.GetValueOrDefault(name))]);
            var steps = string.Join('\n', plans.Steps);
            Assert.NotEmpty(plans.Steps);
            Assert.True(!plans.Scans.Any(), $"{name} reads a table from end to end:\n{steps}");
            if (filter is not null && !Wide.ContainsKey(name) && !TestDatabase.IsPostgreSql)
                Assert.True(!plans.Steps.Any(static step => step.EndsWith("USING INTEGER PRIMARY KEY (rowid>?)", StringComparison.Ordinal)
                    || step.EndsWith("USING INTEGER PRIMARY KEY (rowid<?)", StringComparison.Ordinal)), $"{name} reads all rows behind the page before:\n{steps}");
        }
    }

    [Fact]
    public void What_needs_no_index_is_a_filter() => Assert.All(Wide.Keys, static name =>
        Assert.Contains(All[name.Split('.')[0]].Inputs, i => i.Name == name.Split('.')[1]));

    private static async Task ReadAsync(RunningServer server, QueryPlans plans, ApiAction list, IReadOnlyList<InputParameter> filters)
    {
        await using var scope = server.Services.CreateAsyncScope();
        await using var watched = plans.Watch(scope.ServiceProvider.GetRequiredService<VpsAdminDb>());
        var input = new Dictionary<string, object?> { ["limit"] = 25L, ["from_id"] = 1000L };
        foreach (var filter in filters)
            input[filter.Name] = Value(filter);
        var caller = new Caller(UserId: 1, "admin", Level: 99, TokenId: null);
        await list.RunAsync(new ActionContext([1], new InputValues(input), caller, new VpsAdmin.Server.Api.Client("", null), countRequested: false, new Watching(scope.ServiceProvider, watched), TestContext.Current.CancellationToken));
    }

    private static object Value(InputParameter filter) => filter.Type switch
    {
        ParameterType.Integer or ParameterType.Resource => 1L,
        ParameterType.Boolean => true,
        ParameterType.Datetime => DateTimeOffset.UnixEpoch,
        _ => filter.Choices?[0] ?? "a",
    };

    private static IEnumerable<ApiResource> Resources(IEnumerable<ApiResource> resources) => resources.SelectMany(static r => Resources(r.Children).Prepend(r));

    /// <summary>Services of a request, with a database that is watched.</summary>
    private sealed class Watching(IServiceProvider services, VpsAdminDb db) : IServiceProvider
    {
        public object? GetService(Type type) => type == typeof(VpsAdminDb) ? db : services.GetService(type);
    }
}
