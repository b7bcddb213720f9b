using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Accounts;

/// <summary>Who is logged in where, and an end to it.</summary>
internal static class UserSessionResource
{
    private const int DefaultLimit = 25;
    private const string Open = "open";
    private const string Closed = "closed";

    private static readonly OutputShape<UserSession> Shape = new(static s => [s.Id],
    [
        new("id", ParameterType.Integer, "ID", static s => s.Id),
        new("user", ParameterType.Resource, "User", static s => new Association([s.UserId], s.User.Login)) { Resource = ["user"], ValueLabel = "login" },
        new("label", ParameterType.String, "Label", static s => s.Label),
        new("auth_type", ParameterType.String, "Authentication", static s => s.AuthType),
        new("api_ip_addr", ParameterType.String, "IP address", static s => s.ClientAddress) { Description = "Where the login came from" },
        new("user_agent", ParameterType.String, "User agent", static s => s.UserAgent),
        new("scope", ParameterType.String, "Scope", static s => s.Scope),
        new("token_fragment", ParameterType.String, "Token fragment", static s => s.TokenFragment) { Description = "The first digits of the token; empty where tokens change" },
        new("token_lifetime", ParameterType.String, "Token lifetime", static s => TokenStore.NameOf(s.Lifetime)),
        new("token_interval", ParameterType.Integer, "Token interval", static s => (long)s.Interval.TotalSeconds) { Description = "Seconds" },
        new("created_at", ParameterType.Datetime, "Created at", static s => s.CreatedAt),
        new("last_request_at", ParameterType.Datetime, "Last request at", static s => s.LastRequestAt) { Description = "To a minute" },
        new("closed_at", ParameterType.Datetime, "Closed at", static s => s.ClosedAt),
    ]);

    public static ApiResource Declare() => new("user_session", "user_sessions", "Logins and their tokens")
    {
        Actions =
        [
            new ApiAction<UserSession>("index", "GET", "List sessions, newest first", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true,
                Inputs =
                [
                    .. Paging.Inputs(DefaultLimit),
                    new("user", ParameterType.Resource, "User") { Resource = ["user"], ValueLabel = "login", AdminOnly = true },
                    new("state", ParameterType.String, "State") { Choices = [Open, Closed] },
                ],
            },
            new ApiAction<UserSession>("show", "GET", "Show a session", Shape,
                static context => context.ShowAsync(Sessions(context).Where(s => s.Id == context.PathIds[0])))
            {
                SubPath = "{user_session_id}", Aliases = ["find"],
            },
            new ApiAction<UserSession>("update", "PUT", "Rename a session", Shape, UpdateAsync)
            {
                SubPath = "{user_session_id}", Inputs = [new("label", ParameterType.String, "Label") { Required = true, Rules = [new LengthRule(1, 255)] }],
            },
            new ApiAction<object>("close", "POST", "Close a session: its token is worth nothing any more", null, CloseAsync)
            {
                SubPath = "{user_session_id}/close", Aliases = ["revoke"], OpenToSuspended = true,
            },
        ],
    };

    private static IQueryable<UserSession> Sessions(ActionContext context)
    {
        var sessions = context.Database().UserSessions.Include(static s => s.User);
        return context.Caller.IsAdmin ? sessions : sessions.Where(s => s.UserId == context.Caller.UserId);
    }

    private static Task<ActionReply<UserSession>> IndexAsync(ActionContext context)
    {
        var sessions = Sessions(context);
        if (context.Input.Integer("user") is { } user)
            sessions = sessions.Where(s => s.UserId == user);
        if (context.Input.Text("state") is { } state)
            sessions = sessions.Where(s => (s.ClosedAt == null) == (state == Open));
        return context.ListAsync(sessions, static s => s.OrderByDescending(static s => s.Id), newestFirst: true);
    }

    private static async Task<ActionReply<UserSession>> UpdateAsync(ActionContext context)
    {
        var session = await FindAsync(context).ConfigureAwait(false);
        session.Label = context.Input.Text("label")!;
        await context.Database().SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        return new([session]);
    }

    private static async Task<ActionReply<object>> CloseAsync(ActionContext context)
    {
        var session = await FindAsync(context).ConfigureAwait(false);
        await context.Services.GetRequiredService<TokenStore>().CloseSessionAsync(session.Id, context.Cancel).ConfigureAwait(false);
        return new([]);
    }

    private static async Task<UserSession> FindAsync(ActionContext context) =>
        await Sessions(context).SingleOrDefaultAsync(s => s.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false)
        ?? throw ActionRefusedException.NotFound();
}
