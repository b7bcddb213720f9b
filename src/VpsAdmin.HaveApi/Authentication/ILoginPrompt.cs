namespace VpsAdmin.HaveApi.Authentication;

/// <summary>Answers what a server asks beside user and password, such as a one-time code.</summary>
/// <remarks>Called on any thread, and again later when a token has ended and is requested anew.</remarks>
public interface ILoginPrompt
{
    /// <returns>Values by <see cref="LoginInput.Name"/>; null: no answer, the login fails with <see cref="LoginStepRequiredException"/>.</returns>
    Task<IReadOnlyDictionary<string, string>?> AnswerAsync(LoginStep step, CancellationToken cancel);
}

/// <summary>A question of the server.</summary>
/// <param name="Name">Such as <c>totp</c> or <c>reset_password</c>; <c>request</c> for what it wants beside user and password from the first.</param>
/// <param name="Attempt">1, then more when an answer was wrong.</param>
/// <param name="Failure">What the server said to the answer before; null at the first attempt.</param>
public sealed record LoginStep(string Name, IReadOnlyList<LoginInput> Inputs, int Attempt, string? Failure);

/// <param name="Label">For people; null when the server has none.</param>
/// <param name="IsSecret">Not to be shown while it is typed.</param>
public sealed record LoginInput(string Name, string? Label, string? Description, bool IsSecret, bool IsRequired);
