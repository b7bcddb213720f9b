using System.CommandLine;
using VpsAdmin.Load.Results;

namespace VpsAdmin.Load.Clients;

/// <summary>Options of every measurement by clients.</summary>
internal sealed class ClientOptions
{
    private readonly Option<string[]> _urls = new("--url") { Description = "Address of the server; of several, requests go to one after another, as a proxy has them", Required = true };
    private readonly Option<int> _datasets = new("--datasets") { Description = "How many rows.sql made, numbered from 1", Required = true };
    private readonly WatchedProcesses _watched = new();
    private readonly ResultTarget _target = new();

    public void AddTo(Command command)
    {
        command.Add(_urls);
        command.Add(_datasets);
        _watched.AddTo(command);
        _target.AddTo(command);
    }

    public Measurement Read(ParseResult parsed) => new([.. parsed.GetRequiredValue(_urls).Select(static url => new Uri(url))], parsed.GetValue(_datasets), _watched.Read(parsed), _target.Read(parsed));
}

/// <param name="Datasets">A tenth of it is users.</param>
internal sealed record Measurement(IReadOnlyList<Uri> Urls, int Datasets, CpuWatch Watch, ResultFile Results)
{
    /// <summary>Of rows.sql: user N has the token of <see cref="Api.TokenOf"/>, and the datasets D with D % users + 1 = N.</summary>
    public int Users => Math.Max(1, Datasets / 10);

    public int OwnerOf(int dataset) => (dataset % Users) + 1;
}
