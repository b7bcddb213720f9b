using System.CommandLine;
using VpsAdmin.Server.Hosting;

var root = new RootCommand("vpsAdmin: virtual servers on ZFS, their snapshots and backups.") { ServeCommand.Create(), ApiDocsCommand.Create() };
var parsed = root.Parse(args);
if (parsed.Errors.Count > 0)
{
    foreach (var error in parsed.Errors)
        await Console.Error.WriteLineAsync($"vpsadmin-server: {error.Message}");
    return 2;
}

// The host handles SIGTERM and SIGINT by itself.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
