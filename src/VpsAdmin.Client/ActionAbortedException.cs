using VpsAdmin.HaveApi;

namespace VpsAdmin.Client;

/// <summary>A background action (transaction chain) ended without success; the server undid what it had done.</summary>
/// <param name="reason">What the node said; null: this account is not told.</param>
public sealed class ActionAbortedException(ActionState state, string? reason = null)
    : HaveApiException($"'{state.Label ?? $"action {state.Id}"}' failed on the server after {state.Current} of {state.Total} {state.Unit ?? "steps"}{(reason is null ? "" : ": " + reason.TrimEnd('.'))}.")
{
    public ActionState State { get; } = state;
}
