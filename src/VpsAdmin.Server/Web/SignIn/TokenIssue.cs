using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Web.SignIn;

/// <summary>Makes a token for a script of somebody who is signed in already.</summary>
internal sealed class TokenIssue(TokenStore tokens)
{
    private const int LongestName = 255;

    /// <summary>What a token is given that has an end.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromDays(1);

    /// <param name="lifetime">As the API names it.</param>
    /// <exception cref="ActionRefusedException">Something is not as it has to be, would be good for more than the caller is, or the caller is suspended.</exception>
    public Task<IssuedToken> IssueAsync(Caller caller, string name, string lifetime, string scope, Client client, CancellationToken cancel)
    {
        if (name.Trim().Length is 0 or > LongestName)
            throw ActionRefusedException.Invalid("name", $"length must be between 1 and {LongestName}");
        // As the API's other actions that change something: a suspended account is given no new way in.
        if (caller.IsSuspended)
            throw Refusals.Suspended();
        if (!caller.Scope.IsAll)
            throw Refusals.OutOfScope();
        return tokens.IssueAsync(caller.UserId, new TokenTerms(lifetime, Interval)
        {
            Scope = TokenScope.Parse(scope) ?? throw ActionRefusedException.Invalid("scope", "not a valid scope"), Client = client, Label = name.Trim(),
        }, cancel);
    }
}
