namespace VpsAdmin.Server.Web.Drawing;

/// <summary>What forms call the parameters of the API, so that what is wrong is told by the names that people see.</summary>
internal static class FieldWords
{
    private static readonly Dictionary<string, string> All = new()
    {
        ["login"] = "Login", ["password"] = "Password", ["full_name"] = "Full name", ["email"] = "E-mail", ["level"] = "Level", ["object_state"] = "State",
        ["name"] = "Name", ["label"] = "Name", ["scope"] = "Scope", ["lifetime"] = "Ends", ["code"] = "Code",
        ["vps"] = "VPSes that move", ["dst_node"] = "To", ["concurrency"] = "How many at a time", ["reason"] = "Reason",
        ["from_snapshot"] = "Base of the incremental stream", ["maintenance_windows"] = "Maintenance windows",
    };

    public static IEnumerable<string> Labels => All.Values;

    /// <returns>Null: no form has it.</returns>
    public static string? Of(string parameter) => All.GetValueOrDefault(parameter);
}
