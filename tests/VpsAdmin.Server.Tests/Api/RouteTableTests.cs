using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Tests.Api;

public sealed class RouteTableTests
{
    [Fact]
    public void Nested_resources_stand_below_the_object_that_has_them()
    {
        var table = new RouteTable("/v7.0", SampleCatalogue.Resources);
        var run = Assert.Single(table.Routes, r => r.Scope == "project.task#run");
        Assert.Equal("/v7.0/projects/{project_id}/tasks/{task_id}/run", run.Path);
        Assert.Equal(["project_id", "task_id"], run.Placeholders);
        Assert.Same(run, table.Find(["project", "task"], "run"));
        Assert.Null(table.Find(["task"], "run"));
    }

    [Fact]
    public void Two_actions_on_one_path_are_refused_at_the_start()
    {
        static ApiAction Show(string name) => new ApiAction<object>(name, "GET", "", null, _ => throw new NotSupportedException()) { SubPath = "{a_id}" };
        var error = Assert.Throws<ArgumentException>(() => new RouteTable("/v1", [new ApiResource("a", "as", "") { Actions = [Show("one"), Show("two")] }]));
        Assert.Contains("GET /v1/as/{a_id} leads to a#one and a#two", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Two_resources_of_one_name_are_refused_at_the_start() =>
        Assert.Throws<ArgumentException>(() => new RouteTable("/v1", [new ApiResource("a", "as", ""), new ApiResource("a", "bs", "")]));
}
