namespace VpsAdmin.HaveApi.Authentication;

/// <summary>User and password were right, the server asks for more before it gives a token, such as a one-time code, and nobody answered.</summary>
/// <param name="step">Name of the step, such as <c>totp</c> or <c>reset_password</c>.</param>
/// <param name="inputs">What the step takes; empty when the server does not describe the step.</param>
public sealed class LoginStepRequiredException(string step, IReadOnlyList<string> inputs) : HaveApiException(
    $"The server asks for another login step, '{step}'{(inputs.Count == 0 ? "" : $" ({string.Join(", ", inputs)})")}. "
    + "Answer it, or log in elsewhere, in the web interface for example, and use a token made there.")
{
    public string Step { get; } = step;

    public IReadOnlyList<string> Inputs { get; } = inputs;
}
