using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Accounts;

/// <summary>Tokens to log in with, as an API resource of their own under <c>/_auth/token</c> (spec/haveapi 7).</summary>
internal static class TokenResource
{
    /// <summary>The second step, for users with a device that makes codes.</summary>
    public const string CodeStep = "totp";

    private const string LifetimeHelp =
        "fixed: expires and cannot be renewed; renewable_manual: renewed by the action renew; "
        + "renewable_auto: renewed by every use; permanent: valid until revoked";

    private const string ScopeHelp =
        "all, or scopes of actions with spaces between them: dataset#index dataset.snapshot#* *#show dataset#show:dataset_id=101";

    private static readonly OutputParameter<IssuedToken> Token = new("token", ParameterType.String, "Token", static t => t.Token) { Description = "Authentication token" };

    private static readonly OutputParameter<IssuedToken> ValidTo =
        new("valid_to", ParameterType.Datetime, "Valid to", static t => t.ValidTo) { Description = "Null for a permanent token" };

    private static readonly OutputShape<IssuedToken> StepOutput = new(
        static _ => [],
        [
            Token,
            ValidTo,
            new("complete", ParameterType.Boolean, "Complete", static t => t.NextStep is null) { Description = "False when another step is needed" },
            new("next_action", ParameterType.String, "Next action", static t => t.NextStep) { Description = "The step that is needed" },
        ]);

    /// <summary>Protocol 1.0 knows no steps.</summary>
    private static readonly OutputShape<IssuedToken> OneStepOutput = new(static _ => [], [Token, ValidTo]);

    private static readonly OutputShape<DateTimeOffset?> RenewOutput =
        new(static _ => [], [new("valid_to", ParameterType.Datetime, "Valid to", static time => time)]);

    public static ApiResource Declare(HaveApiProtocol protocol) => new("token", "tokens", "Manage authentication tokens")
    {
        Actions = protocol == HaveApiProtocol.First ? [Request(protocol), .. OfToken()] : [Request(protocol), Code(), .. OfToken()],
    };

    private static ApiAction<IssuedToken> Request(HaveApiProtocol protocol) => new(
        "request", "POST", "Request an authentication token", protocol == HaveApiProtocol.First ? OneStepOutput : StepOutput, context => RequestAsync(context, protocol))
    {
        RequiresLogin = false,
        PlainHash = true,
        InvalidInputStatus = StatusCodes.Status400BadRequest,
        Inputs =
        [
            new(protocol.LoginInput, ParameterType.String, "User") { Required = true },
            new("password", ParameterType.String, "Password") { Required = true, Protected = true },
            .. protocol == HaveApiProtocol.First
                ? (InputParameter[])[]
                : [new("scope", ParameterType.String, "Scope") { Default = "all", Description = ScopeHelp }],
            new("lifetime", ParameterType.String, "Lifetime")
            {
                Description = LifetimeHelp, Required = true, Choices = ["fixed", "renewable_manual", "renewable_auto", "permanent"],
            },
            new("interval", ParameterType.Integer, "Interval")
            {
                Description = "How long the token will be valid, in seconds", Default = 300L, Min = 1, Max = 86400,
            },
        ],
    };

    private static ApiAction<IssuedToken> Code() => new(CodeStep, "POST", "Confirm a login with a code of your device", StepOutput, CodeAsync)
    {
        SubPath = CodeStep,
        RequiresLogin = false,
        PlainHash = true,
        Inputs =
        [
            new("token", ParameterType.String, "Token") { Required = true, Protected = true, Description = "From the step before" },
            new("code", ParameterType.String, "Code") { Required = true, Protected = true, Description = "Six digits" },
        ],
    };

    private static IReadOnlyList<ApiAction> OfToken() =>
    [
        new ApiAction<DateTimeOffset?>("renew", "POST", "Renew the current authentication token", RenewOutput, RenewAsync) { SubPath = "renew", PlainHash = true, OpenToSuspended = true },
        new ApiAction<object>("revoke", "POST", "Revoke the current authentication token", null, RevokeAsync) { SubPath = "revoke", PlainHash = true, OpenToSuspended = true },
    ];

    private static async Task<ActionReply<IssuedToken>> RequestAsync(ActionContext context, HaveApiProtocol protocol)
    {
        var input = context.Input;
        var scope = TokenScope.Parse(input.Text("scope") ?? TokenScope.All.Text)
                    ?? throw Refusals.InvalidInput(StatusCodes.Status400BadRequest, new Dictionary<string, IReadOnlyList<string>> { ["scope"] = ["not a valid scope"] });
        var terms = new TokenTerms(input.Text("lifetime")!, TimeSpan.FromSeconds(input.Integer("interval")!.Value)) { Scope = scope, Client = context.Client };
        var login = input.Text(protocol.LoginInput)!;

        var issued = await GuardAsync(context, login, accounts => accounts.LogInAsync(login, input.Text("password")!, terms, context.Cancel)).ConfigureAwait(false)
                     ?? throw ActionRefusedException.Refused("invalid user or password");

        // Its clients could not go on: the second factor must not be left out, so they stay outside.
        if (issued.NextStep is not null && protocol == HaveApiProtocol.First)
            throw ActionRefusedException.Refused("this user logs in with a second step, which protocol 1.0 does not have");
        return new([issued]);
    }

    private static async Task<ActionReply<IssuedToken>> CodeAsync(ActionContext context)
    {
        var (token, code) = (context.Input.Text("token")!, context.Input.Text("code")!);
        var login = await context.Services.GetRequiredService<IAccounts>().PendingLoginAsync(token, context.Cancel).ConfigureAwait(false)
                    ?? throw ActionRefusedException.Refused("invalid token");
        var issued = await GuardAsync(context, login, accounts => accounts.ConfirmCodeAsync(token, code, context.Cancel)).ConfigureAwait(false)
                     ?? throw ActionRefusedException.Refused("invalid totp code");
        return new([issued]);
    }

    /// <summary>Whoever guesses has to wait.</summary>
    private static async Task<IssuedToken?> GuardAsync(ActionContext context, string login, Func<IAccounts, Task<IssuedToken?>> verify)
    {
        var throttle = context.Services.GetRequiredService<LoginThrottle>();
        using var attempt = await throttle.BeginAsync(login, context.Client.Address, context.Cancel).ConfigureAwait(false);
        var issued = await verify(context.Services.GetRequiredService<IAccounts>()).ConfigureAwait(false);
        if (issued is null) throttle.Failed(login, context.Client.Address);

        // A right password alone does not clear the account of its wrong codes.
        else if (issued.NextStep is null) throttle.Succeeded(login, context.Client.Address);
        return issued;
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
