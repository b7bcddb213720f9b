using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;

namespace VpsAdmin.ConformanceServer;

/// <summary>The server's own hosting code with the resources that client suites expect.</summary>
internal static class ConformanceHost
{
    private static readonly TimeSpan ShutdownLimit = TimeSpan.FromSeconds(1);

    private static readonly Dictionary<string, IReadOnlyDictionary<string, string>> Languages = new()
    {
        ["cs"] = new Dictionary<string, string> { ["Archive"] = "Archiv", ["Stream"] = "Proud" },
    };

    /// <param name="output">Told when and where it listens: suites wait for that line.</param>
    public static async Task<int> RunAsync(string url, string protocol, TextWriter output, CancellationToken cancel)
    {
        await using var app = Build(url, HaveApiProtocol.Parse(protocol));
        await app.StartAsync(cancel);
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();
        await output.WriteLineAsync($"HAVEAPI_TEST_SERVER_READY {address}");
        await output.FlushAsync(cancel);
        await app.WaitForShutdownAsync(cancel);
        return 0;
    }

    private static WebApplication Build(string url, HaveApiProtocol protocol)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        builder.Services.Configure<HostOptions>(static host => host.ShutdownTimeout = ShutdownLimit);
        var (projects, states, accounts) = (new ProjectStore(), new TaskRuns(), new FixedAccounts());
        builder.Services.AddSingleton(projects).AddSingleton(states).AddSingleton<IActionStates>(states).AddSingleton<IAccounts>(accounts);
        builder.Services.AddHaveApi(
            [ProjectResource.Declare(), TestResource.Declare(), ActionStateResource.Declare()],
            new HaveApiOptions("1.0") { Protocol = protocol, HideFromAnonymous = true, Languages = Languages });

        var app = builder.Build();
        app.MapGet("/__health", static () => "ok");
        app.MapPost("/__reset", () =>
        {
            projects.Reset();
            states.Reset();
            accounts.Reset();
            return Results.Json(new Dictionary<string, bool> { ["ok"] = true });
        });
        app.MapHaveApi();
        return app;
    }
}
