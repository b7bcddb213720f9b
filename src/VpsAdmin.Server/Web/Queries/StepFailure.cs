using VpsAdmin.Server.Api;
using VpsAdmin.Server.Web.Drawing;

namespace VpsAdmin.Server.Web.Queries;

/// <summary>Why a step was not done.</summary>
/// <param name="Meaning">In plain words; null: what the node said speaks for itself.</param>
/// <param name="Words">What the node said, which may tell of paths and programs: for administrators.</param>
public sealed record StepFailure(string? Meaning, string? Words)
{
    /// <summary>Stands for what nobody has put in plain words yet, where the node's own are not shown.</summary>
    public const string Unexplained = "The node could not do it. An administrator sees what it said.";

    /// <returns>Null: nothing failed.</returns>
    internal static StepFailure? Of(string? error, Caller caller) =>
        error is null ? null : new(ChainWords.OfError(error) ?? (caller.IsAdmin ? null : Unexplained), caller.IsAdmin ? error : null);
}
