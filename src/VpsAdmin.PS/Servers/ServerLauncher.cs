using System.Globalization;
using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.PS.Connections;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Servers;

/// <summary>Starts a server and waits until it answers.</summary>
internal sealed class ServerLauncher(PipelineMessages messages, TimeProvider time)
{
    private const string Administrator = "admin";
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan HealthTimeout = TimeSpan.FromSeconds(5);

    /// <summary>A server that does not come up is not left behind.</summary>
    /// <exception cref="VpsAdminException">It did not start, or ended.</exception>
    /// <exception cref="IOException">The data folder cannot be made.</exception>
    public async Task<VpsAdminConnection> StartAsync(ServerStart start, TimeSpan limit, CancellationToken cancel)
    {
        using var http = new HttpClient { Timeout = HealthTimeout };
        MakeFolder(start.DataPath);
        await RefuseSecondAsync(http, start, cancel).ConfigureAwait(false);
        var server = ServerProcess.Start(start);
        messages.Verbose($"Started {start.Program} as process {server.Id}; its log is {ServerLog.PathIn(start.DataPath)}.");
        try
        {
            using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancel);
            waiting.CancelAfter(limit);
            var uri = await WaitAsync(http, server, limit, waiting.Token, cancel).ConfigureAwait(false);
            return await ConnectAsync(uri, server, cancel).ConfigureAwait(false);
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Only for its owner: passwords will be in it.</summary>
    private static void MakeFolder(string path)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(path);
        else
            Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    /// <summary>
    /// For a clear word. What keeps two servers off one data folder is its lock: one that is alive and too slow to say so is found by that.
    /// The files of the folder are its holder's; an address left by a server that is gone is removed by the next one.
    /// </summary>
    private static async Task RefuseSecondAsync(HttpClient http, ServerStart start, CancellationToken cancel)
    {
        if (ReadAddress(start.DataPath) is { } running && await IsHealthyAsync(http, running, cancel).ConfigureAwait(false))
            throw new VpsAdminException(Errors.ServerRunning, $"A server of the data folder '{start.DataPath}' is running already at {running}.", start.DataPath);
    }

    private async Task<Uri> WaitAsync(HttpClient http, ServerProcess server, TimeSpan limit, CancellationToken waiting, CancellationToken cancel)
    {
        try
        {
            for (var pause = FirstPause; ; pause = pause * 2 > LongestPause ? LongestPause : pause * 2)
            {
                if (server.Ended.IsCompleted)
                    throw await DiedAsync(server).ConfigureAwait(false);
                if (ReadAddress(server) is { } uri && await IsHealthyAsync(http, uri, waiting).ConfigureAwait(false))
                    return uri;
                await Task.WhenAny(server.Ended, Task.Delay(pause, time, waiting)).ConfigureAwait(false);
                waiting.ThrowIfCancellationRequested();
            }
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new VpsAdminException(Errors.ServerStartFailed,
                $"The server did not answer within {limit.TotalSeconds:0} seconds.{Quote(server)}", server.DataPath);
        }
    }

    private static async Task<VpsAdminException> DiedAsync(ServerProcess server)
    {
        var result = await server.Ended.ConfigureAwait(false);
        return new VpsAdminException(Errors.ServerStartFailed, $"The server ended with exit code {result.ExitCode}.{Quote(server)}", server.DataPath);
    }

    private static string Quote(ServerProcess server) =>
        ServerLog.Tail(ServerLog.PathIn(server.DataPath)) is { Length: > 0 } tail ? $" Its last words:\n{tail}" : "";

    private static async Task<VpsAdminConnection> ConnectAsync(Uri uri, ServerProcess server, CancellationToken cancel)
    {
        var password = await File.ReadAllTextAsync(Path.Combine(server.DataPath, "admin-password"), cancel).ConfigureAwait(false);
        var authentication = TokenAuthentication.Request(Administrator, password.Trim(), TokenLifetime.RenewableAuto, TimeSpan.FromDays(1));
        return await ConnectionFactory.ConnectAsync(ConnectionName.Of(uri), uri, authentication, cancel, server).ConfigureAwait(false);
    }

    /// <summary>The address of this very server: it writes its process id first, after it has removed the address of any before.</summary>
    private static Uri? ReadAddress(ServerProcess server) =>
        ReadFile(server.DataPath, "server.pid") == server.Id.ToString(CultureInfo.InvariantCulture) ? ReadAddress(server.DataPath) : null;

    private static Uri? ReadAddress(string dataPath) =>
        Uri.TryCreate(ReadFile(dataPath, "server.url"), UriKind.Absolute, out var uri) ? uri : null;

    private static string? ReadFile(string dataPath, string name)
    {
        try
        {
            return File.ReadAllText(Path.Combine(dataPath, name)).Trim();
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    private static async Task<bool> IsHealthyAsync(HttpClient http, Uri uri, CancellationToken cancel)
    {
        try
        {
            using var answer = await http.GetAsync(new Uri(uri, "/health"), cancel).ConfigureAwait(false);
            return answer.IsSuccessStatusCode;
        }
        catch (Exception e) when (e is HttpRequestException || (e is OperationCanceledException && !cancel.IsCancellationRequested))
        {
            // Not there, or too slow to be called healthy.
            return false;
        }
    }
}
