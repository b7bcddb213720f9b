namespace VpsAdmin.Client;

/// <summary>Which transaction chains; null does not matter. What the server does not describe is refused, not ignored.</summary>
/// <param name="ClassName">Of an object that the chain concerns, such as <c>Snapshot</c>.</param>
/// <param name="RowId">Id of that object.</param>
/// <param name="Limit">At most so many, the newest; null: the server's own limit.</param>
public sealed record ChainFilter(
    string? Name = null, string? State = null, long? UserId = null, string? ClassName = null, long? RowId = null, int? Limit = null);

/// <summary>States of a transaction chain.</summary>
public static class ChainStates
{
    public const string Done = "done";

    /// <summary>Whether nothing will happen to the chain any more, well or not.</summary>
    public static bool IsFinished(string state) => state is Done or "failed" or "fatal" or "resolved";
}
