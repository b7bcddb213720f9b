namespace VpsAdmin.Server.Api;

/// <summary>How lists are cut (spec/haveapi 5).</summary>
public static class Pages
{
    /// <summary>Most objects in one page.</summary>
    public const int Most = 1000;

    internal const string FromId = "from_id";

    /// <summary>How many objects to skip: what clients of protocol 1.0 send instead of <c>from_id</c>.</summary>
    public const string Offset = "offset";

    /// <param name="defaultLimit">Null: everything.</param>
    public static IReadOnlyList<InputParameter> Inputs(int? defaultLimit = null) =>
    [
        new(FromId, ParameterType.Integer, "From ID") { Description = "List objects behind the one with this ID", Min = 0 },
        new("limit", ParameterType.Integer, "Limit")
        {
            Description = "Number of objects to retrieve", Min = 0, Max = Most, Default = defaultLimit is { } limit ? (long)limit : null,
        },
    ];

    internal static InputParameter OffsetInput { get; } = new(Offset, ParameterType.Integer, "Offset") { Description = "Number of objects to skip", Min = 0, Default = 0L };
}
