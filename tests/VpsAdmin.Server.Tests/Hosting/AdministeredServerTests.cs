using System.CommandLine;
using VpsAdmin.Lab;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Hosting;

/// <summary>A server that runs, and the commands of its administrator beside it.</summary>
public abstract class AdministeredServerTests : IAsyncLifetime
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected TemporaryFolder Folder { get; } = new();

    protected RunningServer Server { get; private set; } = null!;

    protected string Data => Server.Installation.Data.Path;

    public async ValueTask InitializeAsync() => Server = await RunningServer.StartAsync();

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        Folder.Dispose();
        GC.SuppressFinalize(this);
    }

    protected async Task<(int Status, string Output, string Error)> RunAsync(string input, params string[] arguments)
    {
        if (TestDatabase.IsPostgreSql && !arguments.Contains("--config"))
            arguments = ["--config", await ConfigureAsync(), .. arguments];
        using var reader = new StringReader(input);
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var status = await ServerCommands.RunAsync(arguments, reader, new InvocationConfiguration { Output = output, Error = error, ProcessTerminationTimeout = null });
        return (status, output.ToString(), error.ToString());
    }

    /// <summary>Settings that name the server's database.</summary>
    private async Task<string> ConfigureAsync()
    {
        var file = Folder.Below("database.json");
        var database = Server.Options.Database;
        await File.WriteAllTextAsync(file, System.Text.Json.JsonSerializer.Serialize(new { database = new { provider = database.Provider, connection = database.Connection } }), Cancel);
        return file;
    }
}
