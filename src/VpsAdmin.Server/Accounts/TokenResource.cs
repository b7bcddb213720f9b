using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Accounts;

/// <summary>Tokens to log in with, as an API resource of their own under <c>/_auth/token</c> (spec/haveapi 7).</summary>
internal static class TokenResource
{
    private const string LifetimeHelp =
        "fixed: expires and cannot be renewed; renewable_manual: renewed by the action renew; "
        + "renewable_auto: renewed by every use; permanent: valid until revoked";

    private static readonly OutputParameter<IssuedToken> ValidTo =
        new("valid_to", ParameterType.Datetime, "Valid to", t => t.ValidTo) { Description = "Null for a permanent token" };

    private static readonly OutputShape<IssuedToken> RequestOutput = new(
        _ => [],
        [
            new("token", ParameterType.String, "Token", t => t.Token) { Description = "Authentication token" },
            ValidTo,
            new("complete", ParameterType.Boolean, "Complete", _ => true) { Description = "False when another step is needed" },
            new("next_action", ParameterType.String, "Next action", _ => null) { Description = "The step that is needed" },
        ]);

    private static readonly OutputShape<DateTimeOffset?> RenewOutput =
        new(_ => [], [new("valid_to", ParameterType.Datetime, "Valid to", time => time)]);

    public static ApiResource Declare() => new("token", "tokens", "Manage authentication tokens")
    {
        Actions =
        [
            new ApiAction<IssuedToken>("request", "POST", "Request an authentication token", RequestOutput, RequestAsync)
            {
                RequiresLogin = false,
                PlainHash = true,
                InvalidInputStatus = StatusCodes.Status400BadRequest,
                Inputs =
                [
                    new("user", ParameterType.String, "User") { Required = true },
                    new("password", ParameterType.String, "Password") { Required = true, Protected = true },
                    new("scope", ParameterType.String, "Scope") { Default = "all", Choices = ["all"] },
                    new("lifetime", ParameterType.String, "Lifetime")
                    {
                        Description = LifetimeHelp, Required = true, Choices = ["fixed", "renewable_manual", "renewable_auto", "permanent"],
                    },
                    new("interval", ParameterType.Integer, "Interval")
                    {
                        Description = "How long the token will be valid, in seconds", Default = 300L, Min = 1, Max = 86400,
                    },
                ],
            },
            new ApiAction<DateTimeOffset?>("renew", "POST", "Renew the current authentication token", RenewOutput, RenewAsync) { SubPath = "renew", PlainHash = true },
            new ApiAction<object>("revoke", "POST", "Revoke the current authentication token", null, RevokeAsync) { SubPath = "revoke", PlainHash = true },
        ],
    };

    private static async Task<ActionReply<IssuedToken>> RequestAsync(ActionContext context)
    {
        var accounts = context.Services.GetRequiredService<IAccounts>();
        var input = context.Input;
        var owner = await accounts.VerifyPasswordAsync(input.Text("user")!, input.Text("password")!, context.Cancel).ConfigureAwait(false)
                    ?? throw ActionRefusedException.Refused("invalid user or password");
        var interval = TimeSpan.FromSeconds(input.Integer("interval")!.Value);
        return new([await accounts.IssueTokenAsync(owner.UserId, input.Text("lifetime")!, interval, context.Cancel).ConfigureAwait(false)]);
    }

    private static async Task<ActionReply<DateTimeOffset?>> RenewAsync(ActionContext context) =>
        new([await context.Services.GetRequiredService<IAccounts>().RenewTokenAsync(TokenInUse(context), context.Cancel).ConfigureAwait(false)]);

    private static async Task<ActionReply<object>> RevokeAsync(ActionContext context)
    {
        await context.Services.GetRequiredService<IAccounts>().RevokeTokenAsync(TokenInUse(context), context.Cancel).ConfigureAwait(false);
        return new([]);
    }

    private static long TokenInUse(ActionContext context) =>
        context.Caller.TokenId ?? throw new ActionRefusedException(StatusCodes.Status401Unauthorized, "This action requires token authentication");
}
