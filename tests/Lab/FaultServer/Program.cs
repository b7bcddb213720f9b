using System.CommandLine;
using System.Net.Sockets;
using VpsAdmin.FaultServer;
using VpsAdmin.Lab;

const int BadSetup = 2;

var script = new Argument<FileInfo>("script") { Description = "What is to go wrong (docs/fault-laboratory.md)" };
var port = new Option<int>("--port") { Description = "Port to listen on, at 127.0.0.1; 0: any free one" };
var zfs = new Option<DirectoryInfo>("--zfs") { Description = "Where to make the double of zfs that the script describes: a folder that is to be the first in PATH" };
var command = new RootCommand("A vpsAdmin that does everything wrong that it is told to, until it is told to stop.") { script, port, zfs };
command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(script)!, parsed.GetValue(port), parsed.GetValue(zfs), cancel));
return await command.Parse(args).InvokeAsync();

static async Task<int> RunAsync(FileInfo script, int port, DirectoryInfo? zfs, CancellationToken cancel)
{
    try
    {
        await ServeAsync(script, port, zfs, cancel);
        return 0;
    }
    catch (OperationCanceledException) when (cancel.IsCancellationRequested)
    {
        // Told to stop, be it while it starts.
        return 0;
    }
    catch (Exception e) when (e is InvalidDataException or IOException or UnauthorizedAccessException or SocketException)
    {
        await Console.Error.WriteLineAsync($"vpsadmin-fault-server: {e.Message}");
        return BadSetup;
    }
}

static async Task ServeAsync(FileInfo script, int port, DirectoryInfo? zfs, CancellationToken cancel)
{
    if (port is < 0 or > ushort.MaxValue)
        throw new InvalidDataException($"--port: {port} is no port; they are 1 to {ushort.MaxValue}, and 0 is any free one.");
    var said = FaultScript.Read(script.FullName);
    if (zfs is not null)
        await ZfsDouble.CreateAsync(said.Zfs ?? [], zfs.FullName);
    else if (said.Zfs is { Count: > 0 })
        throw new InvalidDataException($"'{script}' has rules for zfs, which do nothing without --zfs DIR.");
    await using var server = (await FaultyVpsAdmin.StartAsync(cancel, port)).Play(said, Path.GetDirectoryName(script.FullName)!);
    server.Log = Console.WriteLine;
    Console.WriteLine($"Listening on {server.Address}");
    await new TaskCompletionSource().Task.WaitAsync(cancel);
}
