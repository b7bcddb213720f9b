using System.CommandLine;
using VpsAdmin.Server.Hosting;

// The host handles SIGTERM and SIGINT by itself.
return await ServerCommands.RunAsync(args, Console.In, new InvocationConfiguration { ProcessTerminationTimeout = null });
