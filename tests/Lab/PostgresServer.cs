using System.Globalization;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>
/// A PostgreSQL server for tests: Debian's, on a Unix socket in a folder that goes with it and on a port of the loopback, without the care for disks that takes time. Installed
/// with <c>apt-get</c> where it is missing. Ask <see cref="Available"/> first and skip the test with <see cref="Reason"/>.
/// </summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private const string User = "postgres";

    private readonly string _folder;
    private readonly int _port = FreePort.One();
    private OwnedProcess? _server;

    private readonly string _address;

    private PostgresServer(string? reason, string address)
    {
        (Reason, _address) = (reason, address);
        _folder = Directory.CreateTempSubdirectory("vpsadmin-pg-").FullName;
    }

    public bool Available => Reason is null;

    /// <summary>Why there is none here; null when there is one.</summary>
    public string? Reason { get; }

    /// <summary>Never throws for want of a server; may take a minute when it must be installed first.</summary>
    /// <param name="address">Of this machine, where it listens; whoever can reach it may all.</param>
    public static async Task<PostgresServer> StartAsync(CancellationToken cancel, string address = "127.0.0.1")
    {
        var server = new PostgresServer(await DebianPackages.EnsureAsync(["pg_ctlcluster"], ["postgresql"], cancel).ConfigureAwait(false), address);
        if (!server.Available)
            return server;
        try
        {
            await server.MakeAsync(cancel).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.KillAsync().ConfigureAwait(false);
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task MakeAsync(CancellationToken cancel)
    {
        // It refuses to run as root.
        if (Environment.IsPrivilegedProcess)
            await RunAsync(new ProcessSpec(OwnedProcess.Locate("chown")!, [User, _folder]), cancel).ConfigureAwait(false);
        await RunAsync("initdb", ["--pgdata", Data, "--auth", "trust", "--username", User, "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"], cancel).ConfigureAwait(false);
        await File.AppendAllTextAsync(Path.Combine(Data, "pg_hba.conf"), "host all all samenet trust\n", cancel).ConfigureAwait(false);
        await StartAgainAsync(cancel).ConfigureAwait(false);
    }

    private string Data => Path.Combine(_folder, "data");

    /// <summary>For Npgsql, through the socket.</summary>
    public string ConnectionString(string database) => ConnectionString(_folder, database);

    /// <summary>Through TCP.</summary>
    public string TcpConnectionString(string database) => ConnectionString(_address, database);

    private string ConnectionString(string host, string database) => string.Create(CultureInfo.InvariantCulture, $"Host={host};Port={_port};Username={User};Database={database}");

    /// <summary>Ends all connections and stops, like a machine that is restarted in good order.</summary>
    public async Task StopAsync(CancellationToken cancel)
    {
        await RunAsync("pg_ctl", ["stop", "--pgdata", Data, "--mode", "fast", "--silent"], cancel).ConfigureAwait(false);
        await KillAsync().ConfigureAwait(false);
    }

    public async Task StartAgainAsync(CancellationToken cancel)
    {
        _server = OwnedProcess.Start(Unprivileged(
            "postgres", ["-D", Data, "-k", _folder, "-p", _port.ToString(CultureInfo.InvariantCulture), "-c", $"listen_addresses={_address}", "-c", "fsync=off", "-c", "max_connections=400", "-c", "shared_buffers=64MB"]));
        // It says nothing to us when it is ready.
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (await look.WaitForNextTickAsync(cancel).ConfigureAwait(false))
        {
            if (_server.Completion.IsCompleted)
                throw new InvalidOperationException($"postgres ended: {(await _server.Completion.ConfigureAwait(false)).StandardError}");
            var ready = OwnedProcess.Start(new ProcessSpec(Program("pg_isready"), ["--quiet", "--host", _folder, "--port", _port.ToString(CultureInfo.InvariantCulture)]));
            await using (ready.ConfigureAwait(false))
            {
                if ((await ready.Completion.WaitAsync(cancel).ConfigureAwait(false)).ExitCode == 0)
                    return;
            }
        }
    }

    private async Task KillAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
        _server = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await StopAsync(CancellationToken.None).ConfigureAwait(false);
        Directory.Delete(_folder, recursive: true);
    }

    private Task RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancel) => RunAsync(Unprivileged(program, arguments), cancel);

    private static async Task RunAsync(ProcessSpec spec, CancellationToken cancel)
    {
        var process = OwnedProcess.Start(spec);
        await using var _ = process.ConfigureAwait(false);
        var result = await process.Completion.WaitAsync(cancel).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{spec.FileName} ended with status {result.ExitCode}: {result.StandardError}");
    }

    private ProcessSpec Unprivileged(string program, IReadOnlyList<string> arguments) => Environment.IsPrivilegedProcess
        ? new(OwnedProcess.Locate("setpriv")!, ["--reuid", User, "--regid", User, "--clear-groups", Program(program), .. arguments], Folder: _folder)
        : new(Program(program), arguments, Folder: _folder);

    /// <summary>Debian keeps them out of PATH, by version.</summary>
    private static string Program(string name) =>
        Directory.GetDirectories("/usr/lib/postgresql").Select(folder => Path.Combine(folder, "bin", name)).Where(File.Exists).Order(StringComparer.Ordinal).Last();
}
