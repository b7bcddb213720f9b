using System.CommandLine;
using VpsAdmin.NodeHost;

// The host handles SIGTERM and SIGINT by itself.
return await NodeCommands.RunAsync(args, new InvocationConfiguration { ProcessTerminationTimeout = null });
