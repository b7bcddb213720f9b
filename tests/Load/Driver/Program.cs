using System.CommandLine;
using VpsAdmin.Load.Clients;
using VpsAdmin.Load.Nodes;
using VpsAdmin.Load.Results;

// What run.sh measures with, one command for each measurement. See docs/scaling.md.
var command = new RootCommand("Load for a vpsAdmin server: nodes without storage, and clients that count.")
{
    NodesCommand.Create(), ListCommand.Create(), ChainsCommand.Create(), PollCommand.Create(), SamplesCommand.Create(), PlanCommand.Create(), IdleCommand.Create(), TablesCommand.Create(),
};
return await command.Parse(args).InvokeAsync();
