using System.Management.Automation;
using VpsAdmin.Client.Connections;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS.Commands;

/// <summary>Connections: those open in this session, what the environment names, and the saved ones. Never their tokens.</summary>
[Cmdlet(VerbsCommon.Get, "VpsAdminConnection")]
[OutputType(typeof(VpsAdminConnection))]
public sealed class GetVpsAdminConnectionCommand : SessionCmdlet
{
    [Parameter(Position = 0, HelpMessage = "Names; wildcards are understood.")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ConnectionNameCompleter))]
    public string[]? Name { get; set; }

    protected override void EndProcessing()
    {
        var all = All();
        if (Name is null)
            WriteObject(all, enumerateCollection: true);
        foreach (var name in Name ?? [])
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            var matches = all.Where(c => pattern.IsMatch(c.Name)).ToList();
            WriteObject(matches, enumerateCollection: true);
            if (matches.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteError(Errors.Describe(Errors.ConnectionNotFound, $"There is no connection named '{name}', open or saved.", name));
        }
    }

    private List<VpsAdminConnection> All()
    {
        var session = SessionConnections.Here;
        var open = session.All;
        var isTaken = session.Default is not null;
        // What cannot be read does not hide the rest.
        EnvironmentConnection? environment = null;
        Attempt(EnvironmentConnection.UrlVariable, () => environment = EnvironmentConnection.Read(Environment.GetEnvironmentVariable));
        var saved = SavedConnections.None;
        Attempt(Store.FilePath, () => saved = Store.Read());

        var all = new List<VpsAdminConnection>(open);
        if (environment is not null && session.Find(environment) is null)
            all.Add(new VpsAdminConnection(environment, !isTaken));
        all.AddRange(saved.All.Where(s => session.Find(s.Name) is null)
            .Select(s => new VpsAdminConnection(s, !isTaken && environment is null && IsUsual(saved, s) && !session.HasLeft(s.Name))));
        return [.. all.OrderBy(c => c.Name, ConnectionName.Comparer)];
    }

    private static bool IsUsual(SavedConnections saved, SavedConnection connection) => ConnectionName.Comparer.Equals(saved.Default, connection.Name);
}
