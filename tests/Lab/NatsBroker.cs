using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>
/// A NATS broker with JetStream for tests: Debian's <c>nats-server</c> on a port of the loopback, with a store that goes with it. Installed with
/// <c>apt-get</c> where it is missing. Ask <see cref="Available"/> first and skip the test with <see cref="Reason"/>.
/// </summary>
public sealed class NatsBroker : IAsyncDisposable
{
    private const string Program = "nats-server";

    private readonly string _folder;
    private string? _configuration;
    private string _address = "127.0.0.1";
    private OwnedProcess? _server;
    private int _port = -1;

    private NatsBroker(string? reason)
    {
        Reason = reason;
        _folder = Directory.CreateTempSubdirectory("vpsadmin-nats-").FullName;
    }

    public bool Available => Reason is null;

    /// <summary>Why there is no broker here; null when there is one.</summary>
    public string? Reason { get; }

    public string Url => string.Create(CultureInfo.InvariantCulture, $"nats://{_address}:{_port}");

    /// <summary>Never throws for want of a broker; may take a minute when it must be installed first.</summary>
    /// <param name="configuration">What would be in its configuration file, such as users and what they may; null: everybody may all.</param>
    /// <param name="address">Of this machine, where it listens.</param>
    public static async Task<NatsBroker> StartAsync(CancellationToken cancel, string? configuration = null, string address = "127.0.0.1")
    {
        var broker = new NatsBroker(await DebianPackages.EnsureAsync([Program], [Program], cancel).ConfigureAwait(false)) { _configuration = configuration, _address = address };
        if (broker.Available)
            await StartedAsync(broker, broker.RunAsync(cancel)).ConfigureAwait(false);
        return broker;
    }

    /// <summary>Three of them that are one, each with the name <c>n1</c> to <c>n3</c>.</summary>
    public static async Task<IReadOnlyList<NatsBroker>> StartClusterAsync(CancellationToken cancel)
    {
        var ports = FreePort.Several(3);
        var routes = string.Join(", ", ports.Select(static port => string.Create(CultureInfo.InvariantCulture, $"\"nats://127.0.0.1:{port}\"")));
        var brokers = new List<NatsBroker>();
        try
        {
            foreach (var (number, port) in ports.Index())
                brokers.Add(await StartAsync(cancel, string.Create(CultureInfo.InvariantCulture, $"server_name: n{number + 1}\ncluster {{ name: test, no_advertise: true, listen: \"127.0.0.1:{port}\", routes: [{routes}] }}\n")).ConfigureAwait(false));
            return brokers;
        }
        catch
        {
            foreach (var broker in brokers)
                await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>One that does not start leaves nothing.</summary>
    private static async Task StartedAsync(NatsBroker broker, Task starting)
    {
        try
        {
            await starting.ConfigureAwait(false);
        }
        catch
        {
            await broker.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Kills it.</summary>
    public async Task KillAsync() => await _server!.DisposeAsync().ConfigureAwait(false);

    /// <summary>Stops and starts it again, with the same port and the same store.</summary>
    public async Task RestartAsync(CancellationToken cancel)
    {
        await _server!.DisposeAsync().ConfigureAwait(false);
        await RunAsync(cancel).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }

    private async Task RunAsync(CancellationToken cancel)
    {
        foreach (var old in Directory.GetFiles(_folder, "*.ports"))
            File.Delete(old);
        var settings = Path.Combine(_folder, "nats.conf");
        await File.WriteAllTextAsync(settings, _configuration, cancel).ConfigureAwait(false);
        _server = OwnedProcess.Start(new ProcessSpec(OwnedProcess.Locate(Program)!,
        [
            "--config", settings, "--addr", _address, "--port", _port.ToString(CultureInfo.InvariantCulture), "--jetstream", "--store_dir", Path.Combine(_folder, "store"), "--ports_file_dir", _folder,
        ]));
        // It writes the file when it listens, and nobody announces that.
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (await look.WaitForNextTickAsync(cancel).ConfigureAwait(false))
        {
            if (_server.Completion.IsCompleted)
                throw new InvalidOperationException($"{Program} ended with status {(await _server.Completion.ConfigureAwait(false)).ExitCode}: {(await _server.Completion.ConfigureAwait(false)).StandardError}");
            if (Ports() is { } port)
            {
                _port = port;
                return;
            }
        }
    }

    private int? Ports()
    {
        if (Directory.GetFiles(_folder, "*.ports") is not [var file])
            return null;
        try
        {
            using var ports = JsonDocument.Parse(File.ReadAllText(file));
            return new Uri(ports.RootElement.GetProperty("nats")[0].GetString()!).Port;
        }
        catch (JsonException)
        {
            return null; // Half written.
        }
    }
}
