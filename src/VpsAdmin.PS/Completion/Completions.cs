using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.PS.Actions;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS.Completion;

/// <summary>What completers share. None of it throws: an error at the prompt would help nobody.</summary>
internal static class Completions
{
    private static readonly CompletionCache<Dataset> DatasetCache = new((connection, cancel) => connection.Client.GetDatasetsAsync(vpsId: null, cancel));
    private static readonly CompletionCache<Snapshot> SnapshotCache = new(ReadSnapshotsAsync);
    private static readonly CompletionCache<SnapshotDownload> DownloadCache = new((connection, cancel) => connection.Client.GetDownloadsAsync(snapshotId: null, cancel));

    public static IReadOnlyList<SnapshotDownload> Downloads(IDictionary boundParameters) =>
        Connection(boundParameters) is { } connection ? DownloadCache.Get(connection, TimeProvider.System) : [];

    public static IReadOnlyList<Dataset> Datasets(IDictionary boundParameters) =>
        Connection(boundParameters) is { } connection ? DatasetCache.Get(connection, TimeProvider.System) : [];

    public static IReadOnlyList<Snapshot> Snapshots(IDictionary boundParameters) =>
        Connection(boundParameters) is { } connection ? SnapshotCache.Get(connection, TimeProvider.System) : [];

    /// <summary>Of the connected server, whose description is here already; none when there is no connection.</summary>
    public static IEnumerable<DescribedResource> Resources(IDictionary boundParameters) =>
        Connection(boundParameters) is { } connection ? Offer.Of(connection.Client.Api) : [];

    /// <summary>Of the resources that the command line names, wildcards understood, or of all.</summary>
    public static IEnumerable<DescribedAction> Actions(IDictionary boundParameters)
    {
        var named = boundParameters["Resource"] switch { string name => [name], object[] names => names.OfType<string>(), _ => [] };
        var patterns = named.Select(Exactly).ToList();
        return Resources(boundParameters).Where(r => patterns.Count == 0 || patterns.Exists(p => p.IsMatch(r.Path))).SelectMany(r => r.Actions);
    }

    /// <summary>A prefix, possibly in quotes; wildcards are understood.</summary>
    public static WildcardPattern Pattern(string? word) => Parse((word ?? "").Trim('\'', '"'), "*");

    /// <summary>A name of digits would be read as an id, and one with blanks as two words.</summary>
    public static string Quote(string name) =>
        name.All(char.IsAsciiDigit) || name.Any(c => !(char.IsAsciiLetterOrDigit(c) || c is '/' or '-' or '_' or '.' or ':'))
            ? $"'{CodeGeneration.EscapeSingleQuotedStringContent(name)}'"
            : name;

    private static WildcardPattern Exactly(string name) => Parse(name, "");

    private static WildcardPattern Parse(string text, string end)
    {
        try
        {
            return Checked(new WildcardPattern(text + end, WildcardOptions.IgnoreCase));
        }
        catch (WildcardPatternException)
        {
            return new WildcardPattern(WildcardPattern.Escape(text) + end, WildcardOptions.IgnoreCase);
        }
    }

    // A pattern is compiled, and a bad one found, at its first use.
    private static WildcardPattern Checked(WildcardPattern pattern)
    {
        pattern.IsMatch("");
        return pattern;
    }

    /// <summary>An open one: opening another would keep the prompt waiting.</summary>
    public static VpsAdminConnection? Connection(IDictionary boundParameters)
    {
        var given = boundParameters["Connection"];
        var connection = (given is PSObject wrapped ? wrapped.BaseObject : given) switch
        {
            null => SessionConnections.Here.Usual,
            string name => SessionConnections.Here.Find(name),
            VpsAdminConnection { IsNameOnly: true } named => SessionConnections.Here.Find(named.Name),
            VpsAdminConnection open => open,
            _ => null,
        };
        return connection is { IsConnected: true } ? connection : null;
    }

    private static async Task<IReadOnlyList<Snapshot>> ReadSnapshotsAsync(VpsAdminConnection connection, CancellationToken cancel)
    {
        var all = new List<Snapshot>();
        foreach (var dataset in await connection.Client.GetDatasetsAsync(vpsId: null, cancel).ConfigureAwait(false))
            all.AddRange(await connection.Client.GetSnapshotsAsync(dataset.Id, cancel).ConfigureAwait(false));
        return all;
    }
}
