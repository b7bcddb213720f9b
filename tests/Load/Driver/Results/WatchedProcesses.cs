using System.CommandLine;
using System.Globalization;

namespace VpsAdmin.Load.Results;

/// <summary>The option that names the processes whose time is measured beside everything else.</summary>
internal sealed class WatchedProcesses
{
    private readonly Option<string[]> _processes = new("--watch") { Description = "Process whose CPU time and memory are measured, with those it started: NAME=PID; can be given more than once", HelpName = "NAME=PID" };

    public void AddTo(Command command) => command.Add(_processes);

    public CpuWatch Read(ParseResult parsed) => new(
        [.. (parsed.GetValue(_processes) ?? []).Select(static p => p.Split('=', 2)).Select(static p => (p[0], int.Parse(p[1], CultureInfo.InvariantCulture))), ("driver", Environment.ProcessId)]);
}
