using System.Globalization;
using VpsAdmin.Server.Web.Parts;

namespace VpsAdmin.Server.Web.Live;

/// <summary>The parts of pages that change by themselves, and what each is asked for by.</summary>
internal static class LiveViews
{
    private static readonly Dictionary<string, LiveView> All = new()
    {
        ["running"] = new(typeof(RunningChains), []),
        ["vpses"] = new(typeof(VpsTable), [new("from", typeof(long))]),
        ["vps"] = new(typeof(VpsProgress), [new("id", typeof(long))]),
        ["chains"] = new(typeof(ChainTable), [new("state", typeof(string)), new("class_name", typeof(string)), new("row_id", typeof(long)), new("from", typeof(long))]),
        ["chain"] = new(typeof(ChainProgress), [new("id", typeof(long))]),
        ["download"] = new(typeof(ExportProgress), [new("id", typeof(long))]),
        ["migration-plan"] = new(typeof(MigrationProgress), [new("id", typeof(long))]),
    };

    public static LiveView? Find(string name) => All.GetValueOrDefault(name);
}

/// <param name="Name">In the query; the component's parameter is called the same without underscores.</param>
internal sealed record LiveParameter(string Name, Type Type);

/// <param name="Component">What is made anew with each change.</param>
internal sealed record LiveView(Type Component, IReadOnlyList<LiveParameter> Parameters)
{
    /// <summary>Values that are not of their types are as good as none.</summary>
    public Dictionary<string, object?> Read(IQueryCollection query)
    {
        var values = new Dictionary<string, object?>();
        foreach (var parameter in Parameters)
        {
            var text = query[parameter.Name].ToString();
            if (text.Length == 0)
                continue;
            if (parameter.Type == typeof(string))
                values[Property(parameter.Name)] = text;
            else if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
                values[Property(parameter.Name)] = number;
        }
        return values;
    }

    private static string Property(string name) => string.Concat(name.Split('_').Select(static part => char.ToUpperInvariant(part[0]) + part[1..]));
}
