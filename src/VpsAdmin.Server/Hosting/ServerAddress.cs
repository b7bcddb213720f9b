using System.Globalization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace VpsAdmin.Server.Hosting;

/// <summary>Under what address clients reach this server; tells it in <c>server.url</c>, and its process in <c>server.pid</c>, while it runs.</summary>
public sealed class ServerAddress(IServer server, ServerOptions options, Installation installation, ILogger<ServerAddress> log) : IHostedLifecycleService
{
    /// <summary>Without a slash at the end.</summary>
    public string BaseUrl => options.BaseUrl?.AbsoluteUri.TrimEnd('/') ?? ListeningOn;

    private string ListeningOn => server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault()
        ?? throw new InvalidOperationException("The server does not listen yet.");

    // What a killed server left behind would send people to the wrong door. The lock of the folder is held and nothing listens yet.
    public Task StartingAsync(CancellationToken cancellationToken) => DeleteFiles();

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        // In this order: who reads its own server's process id finds that server's address or none.
        var id = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        await OwnerOnlyFile.WriteAsync(installation.Data.ServerProcessId, id + "\n", cancellationToken).ConfigureAwait(false);
        await OwnerOnlyFile.WriteAsync(installation.Data.ServerUrl, ListeningOn + "\n", cancellationToken).ConfigureAwait(false);
        log.LogInformation("Listening on {Url}", ListeningOn);
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => DeleteFiles();

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private Task DeleteFiles()
    {
        File.Delete(installation.Data.ServerUrl);
        File.Delete(installation.Data.ServerProcessId);
        return Task.CompletedTask;
    }
}
