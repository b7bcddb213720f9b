using VpsAdmin.HaveApi;

namespace VpsAdmin.Client;

/// <summary>A background action (transaction chain) ended without success; the server undid what it had done.</summary>
public sealed class ActionAbortedException(ActionState state)
    : HaveApiException($"'{state.Label ?? $"action {state.Id}"}' failed on the server after {state.Current} of {state.Total} {state.Unit ?? "steps"}.")
{
    public ActionState State { get; } = state;
}
