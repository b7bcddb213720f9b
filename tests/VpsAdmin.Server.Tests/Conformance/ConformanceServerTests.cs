using System.Diagnostics;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.Server.Tests.Conformance;

/// <summary>The host that upstream's client suites start, started as they do, and our own client on it.</summary>
public sealed class ConformanceServerTests : IAsyncLifetime
{
    private Process _process = null!;
    private Uri _url = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        string[] arguments = [Path.Combine(AppContext.BaseDirectory, "haveapi-conformance-server.dll"), "--port", "0"];
        var dotnet = Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) is "dotnet" ? host : "dotnet";
        _process = Process.Start(new ProcessStartInfo(dotnet, arguments) { RedirectStandardOutput = true })!;
        var ready = await _process.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(3), Cancel);
        Assert.StartsWith("HAVEAPI_TEST_SERVER_READY http://127.0.0.1:", ready, StringComparison.Ordinal);
        _url = new Uri(ready!.Split(' ')[1]);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill();
        await _process.WaitForExitAsync(CancellationToken.None);
        _process.Dispose();
    }

    [Fact]
    public async Task It_is_healthy_and_a_reset_forgets_what_was_made()
    {
        using var http = new HttpClient { BaseAddress = _url };
        Assert.Equal("ok", await http.GetStringAsync(new Uri("/__health", UriKind.Relative), Cancel));
        using (var client = await ConnectAsync())
        {
            Assert.Equal(3, (await client.CallAsync("project#create", [], new JsonObject { ["name"] = "Gamma" }, null, Cancel)).Object["id"]!.GetValue<long>());
            Assert.Equal(3, (await client.CallAsync("project#index", [], null, null, Cancel)).List.Count);
        }

        using (var reset = await http.PostAsync(new Uri("/__reset", UriKind.Relative), null, Cancel))
            Assert.Equal("""{"ok":true}""", await reset.Content.ReadAsStringAsync(Cancel));
        using var again = await ConnectAsync();
        Assert.Equal(["Alpha", "Beta"], (await again.CallAsync("project#index", [], null, null, Cancel)).List.Select(p => p["name"]!.GetValue<string>()));
    }

    [Fact]
    public async Task Nested_objects_are_made_changed_and_run_in_the_background()
    {
        using var client = await ConnectAsync();
        var task = (await client.CallAsync("project.task#new", [1], new JsonObject { ["label"] = "run me" }, null, Cancel)).Object;
        var id = task["id"]!.GetValue<long>();
        Assert.False(task["done"]!.GetValue<bool>());
        Assert.True((await client.CallAsync("project.task#update", [1, id], new JsonObject { ["done"] = true }, null, Cancel)).Object["done"]!.GetValue<bool>());

        var run = await client.CallAsync("project.task#run", [1, id], null, null, Cancel);
        var state = await client.WaitAsync(run.ActionStateId!.Value, null, Cancel);
        Assert.Equal((true, 3, 3), (state.Succeeded, state.Current, state.Total));

        var cancelled = (await client.CallAsync("project.task#run", [1, id], null, null, Cancel)).ActionStateId!.Value;
        await client.CallAsync("action_state#cancel", [cancelled], null, null, Cancel);
        Assert.False((await client.WaitAsync(cancelled, null, Cancel)).Succeeded);
    }

    [Fact]
    public async Task Inputs_come_back_as_they_were_declared_and_a_failure_is_one()
    {
        using var client = await HaveApiClient.ConnectAsync(_url, new NoAuthentication(), null, null, Cancel);
        Assert.False(client.Has("project#index"));
        // By hand: our client refuses what servers before HaveAPI 0.27 would read as something else.
        var echo = client.Describe("test#echo");
        using var http = new HttpClient { BaseAddress = _url };
        using var input = new StringContent(
            """{"test":{"i":" 42 ","f":"1e3","b":"yes","dt":"2020-01-01","s":123,"t":false}}""", System.Text.Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(echo.Path!, UriKind.Relative), input, Cancel);
        var echoed = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Cancel))!["response"]!["test"]!;
        Assert.Equal("""{"i":42,"f":1000,"b":true,"dt":"2020-01-01T00:00:00Z","s":"123","t":"false"}""", echoed.ToJsonString());
        var empty = (await client.CallAsync("test#echo_optional_get", [], new JsonObject { ["dt"] = null }, null, Cancel)).Object;
        Assert.Equal("""{"dt_provided":true,"dt_nil":true,"dt":null}""", empty.ToJsonString());
        var failure = await Assert.ThrowsAsync<ActionFailedException>(() => client.CallAsync("test#fail", [], null, null, Cancel));
        Assert.Equal(("forced failure", "forced failure"), (failure.ServerMessage, Assert.Single(failure.Errors["base"])));
    }

    private Task<HaveApiClient> ConnectAsync() => HaveApiClient.ConnectAsync(
        _url, TokenAuthentication.Request("user", "pass", TokenLifetime.Fixed, TimeSpan.FromMinutes(5)), null, null, Cancel);
}
