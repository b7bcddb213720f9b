using System.CommandLine;
using System.Text.Json;
using VpsAdmin.FaultServer;
using VpsAdmin.Lab;

var script = new Argument<FileInfo>("script") { Description = "What is to go wrong (docs/fault-laboratory.md)" }.AcceptExistingOnly();
var port = new Option<int>("--port") { Description = "Port to listen on, at 127.0.0.1; 0: any free one" };
var zfs = new Option<DirectoryInfo>("--zfs") { Description = "Where to make the double of zfs that the script describes: a folder that is to be the first in PATH" };
var command = new RootCommand("A vpsAdmin that does everything wrong that it is told to, until it is told to stop.") { script, port, zfs };
command.SetAction((parsed, cancel) => RunAsync(parsed.GetValue(script)!, parsed.GetValue(port), parsed.GetValue(zfs), cancel));
return await command.Parse(args).InvokeAsync();

static async Task<int> RunAsync(FileInfo script, int port, DirectoryInfo? zfs, CancellationToken cancel)
{
    FaultScript said;
    try
    {
        said = FaultScript.Read(script.FullName);
    }
    catch (JsonException e)
    {
        await Console.Error.WriteLineAsync($"'{script}' is not understood: {e.Message}");
        return 2;
    }
    if (zfs is not null)
        await ZfsDouble.CreateAsync(said.Zfs ?? [], zfs.FullName);
    await using var server = (await FaultyVpsAdmin.StartAsync(cancel, port)).Play(said, script.DirectoryName!);
    server.Log = Console.WriteLine;
    Console.WriteLine($"Listening on {server.Address}");
    try
    {
        await Task.Delay(Timeout.Infinite, cancel);
    }
    catch (OperationCanceledException)
    {
        // Told to stop.
    }
    return 0;
}
