using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

internal static class UserResource
{
    private static readonly OutputShape<User> Shape = new(static u => [u.Id],
    [
        new("id", ParameterType.Integer, "ID", static u => u.Id),
        new("login", ParameterType.String, "Login", static u => u.Login),
        new("full_name", ParameterType.String, "Full name", static u => u.FullName),
        new("email", ParameterType.String, "E-mail", static u => u.Email),
        new("level", ParameterType.Integer, "Access level", static u => u.Level) { Description = "90 and more: administrator" },
        new("created_at", ParameterType.Datetime, "Created at", static u => u.CreatedAt),
    ]);

    public static ApiResource Declare() => new("user", "users", "Manage users")
    {
        Actions =
        [
            new ApiAction<User>("index", "GET", "List users", Shape,
                static context => context.ListAsync(context.Database().Users.VisibleTo(context.Caller), static users => users.OrderBy(static u => u.Id)))
            {
                Aliases = ["list"], ReturnsList = true, AdminOnly = true, Inputs = Paging.Inputs(),
            },
            new ApiAction<User>("show", "GET", "Show a user", Shape,
                static context => context.ShowAsync(context.Database().Users.VisibleTo(context.Caller).Where(u => u.Id == context.PathIds[0])))
            {
                SubPath = "{user_id}", Aliases = ["find"],
            },
            new ApiAction<User>("current", "GET", "Show the user that is logged in", Shape,
                static context => context.ShowAsync(context.Database().Users.Where(u => u.Id == context.Caller.UserId)))
            {
                SubPath = "current",
            },
        ],
        Children = [TotpDeviceResource.Declare()],
    };
}
