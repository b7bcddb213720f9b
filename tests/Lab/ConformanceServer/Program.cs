using System.CommandLine;
using VpsAdmin.ConformanceServer;

var bind = new Option<string>("--bind") { Description = "Address to listen on", DefaultValueFactory = static _ => "127.0.0.1" };
var port = new Option<int>("--port") { Description = "Port to listen on; 0: any free one" };
var protocol = new Option<string>("--protocol") { Description = "Version of the protocol", DefaultValueFactory = static _ => "2.0" };
protocol.AcceptOnlyFromAmong("2.0", "1.0");
var command = new RootCommand("The API that HaveAPI's client suites test against, until it is told to stop.") { bind, port, protocol };
command.SetAction((parsed, cancel) => ConformanceHost.RunAsync(
    $"http://{parsed.GetValue(bind)}:{parsed.GetValue(port)}", parsed.GetValue(protocol)!, Console.Out, cancel));

// The host handles SIGTERM and SIGINT by itself.
return await command.Parse(args).InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null });
