using System.Globalization;

namespace VpsAdmin.Server.Web;

/// <summary>Where the pages are.</summary>
internal static class WebPaths
{
    public const string Root = "/web";
    public const string SignIn = Root + "/sign-in";
    public const string SignOut = Root + "/sign-out";
    public const string Devices = Root + "/devices";

    /// <summary>Below it are the streams of what changes by itself.</summary>
    public const string Live = Root + "/live";

    public static string Dataset(long id) => Path($"/datasets/{id}");

    public static string Vps(long id) => Path($"/vpses/{id}");

    public static string Maintenance(long vps) => Path($"/vpses/{vps}/maintenance");

    public static string Snapshot(long dataset, long snapshot, string what) => Path($"/datasets/{dataset}/snapshots/{snapshot}/{what}");

    public static string Download(long id) => Path($"/downloads/{id}");

    public static string Chain(long id) => Path($"/chains/{id}");

    public static string Chains(string className, long rowId) => Path($"/chains?class_name={className}&row_id={rowId}");

    /// <summary>Chains that a filter lets through; what is null is not asked for.</summary>
    /// <param name="from">The last one that was seen.</param>
    public static string Chains(string? state, string? className, long? rowId, long? from) => Root + "/chains" + ChainQuery(state, className, rowId, from);

    public static QueryString ChainQuery(string? state, string? className, long? rowId, long? from) => QueryString.Create(
        new Dictionary<string, string?>
        {
            ["state"] = state, ["class_name"] = className, ["row_id"] = rowId?.ToString(CultureInfo.InvariantCulture), ["from"] = from?.ToString(CultureInfo.InvariantCulture),
        }.Where(static part => part.Value is not null));

    public static string Plan(long id) => Path($"/admin/migration-plans/{id}");

    public static string User(long id) => Path($"/admin/users/{id}");

    public static string Action(string scope) => Root + "/api/" + Uri.EscapeDataString(scope);

    /// <summary>Where to go on after signing in: a page of ours and nothing else.</summary>
    public static string Back(string? to) =>
        to is not null && (to == Root || to.StartsWith(Root + "/", StringComparison.Ordinal) || to.StartsWith(Root + "?", StringComparison.Ordinal))
        && !to.Contains('\\', StringComparison.Ordinal) && !to.Any(char.IsControl) ? to : Root;

    private static string Path(FormattableString path) => Root + path.ToString(CultureInfo.InvariantCulture);
}
