using System.Globalization;
using VpsAdmin.Lab;
using VpsAdmin.Zfs;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A node with a pool of its own. Its process can be killed and started again; its programs can be made to wait.</summary>
/// <param name="programs">A folder that comes first in its PATH.</param>
internal sealed class MovingNode(string name, LabPool pool, ZfsHost zfs, string broker, string programs) : IAsyncDisposable
{
    // The same at each start: who sends to it has been told.
    private readonly string _streams = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{FreePort.One()}");
    private ChildProgram? _process;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public string Name => name;

    public string Filesystem => pool.Name + "/vps";

    public NodeSystems Systems { get; } = new(zfs, pool.Name + "/vps");

    /// <summary>The server's number for it.</summary>
    public long Id { get; set; }

    /// <summary>Where it serves downloads.</summary>
    public string BaseUrl => _process!.Output.Split('\n').Single(static l => l.Contains("downloads are at", StringComparison.Ordinal)).Split(' ')[^1];

    /// <summary>Waits until it works.</summary>
    public async Task StartAsync() => _process = await ChildProgram.StartAsync(
        "vpsadmin-node", programs, "is at work", Cancel, "serve", "--name", name, "--pool", Filesystem, "--nats", broker, "--urls", "http://127.0.0.1:0", "--streams", _streams,
        "--stream-address", "127.0.0.1");

    /// <summary>Ends it like a power cut does; what it has started goes on without it.</summary>
    public async Task KillAsync()
    {
        await _process!.SignalAsync("KILL");
        Assert.Equal(137, await _process.EndAsync(Cancel));
        await _process.DisposeAsync();
        _process = null;
    }

    /// <param name="calls">A pattern of the shell for arguments: those calls wait.</param>
    /// <param name="at">Where they do.</param>
    /// <param name="skip">So many of them pass before.</param>
    public Task<GatedProgram> GateAsync(string program, string calls, GateAt at = GateAt.Beginning, int skip = 0) =>
        GatedProgram.PlaceAsync(programs, program, calls, Cancel, at, skip);

    /// <summary>Has a program of the node fail, however it is called, until <see cref="Mend"/>.</summary>
    public Task BreakAsync(string program) => ProgramFile.WriteAsync(Path.Combine(programs, program), "#!/bin/sh\nexit 1\n");

    public void Mend(string program) => File.Delete(Path.Combine(programs, program));

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        await pool.DisposeAsync();
    }
}
