using Microsoft.AspNetCore.Identity;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Resources;

internal static class UserResource
{
    /// <summary>Values of <c>object_state</c>.</summary>
    private static readonly IReadOnlyList<string> States = ["active", "suspended"];

    private static readonly OutputShape<User> Shape = new(static u => [u.Id],
    [
        new("id", ParameterType.Integer, "ID", static u => u.Id),
        new("login", ParameterType.String, "Login", static u => u.Login),
        new("full_name", ParameterType.String, "Full name", static u => u.FullName),
        new("email", ParameterType.String, "E-mail", static u => u.Email),
        new("level", ParameterType.Integer, "Access level", static u => u.Level) { Description = "90 and more: administrator" },
        new("object_state", ParameterType.String, "Object state", static u => States[(int)u.State]),
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
            new ApiAction<User>("create", "POST", "Add a user", Shape, CreateAsync)
            {
                Aliases = ["new"], AdminOnly = true,
                Inputs =
                [
                    new("login", ParameterType.String, "Login") { Required = true },
                    new("password", ParameterType.String, "Password") { Required = true, Protected = true, Description = "8 characters or more" },
                    new("full_name", ParameterType.String, "Full name") { Nullable = true },
                    new("email", ParameterType.String, "E-mail") { Nullable = true, Description = "Where mail about downloads goes" },
                    new("level", ParameterType.Integer, "Access level") { Default = 1, Min = 1, Max = 99 },
                ],
            },
            new ApiAction<User>("update", "PUT", "Change a user", Shape, UpdateAsync)
            {
                SubPath = "{user_id}", AdminOnly = true,
                Inputs =
                [
                    new("full_name", ParameterType.String, "Full name") { Nullable = true },
                    new("email", ParameterType.String, "E-mail") { Nullable = true, Description = "Where mail about downloads goes" },
                    new("level", ParameterType.Integer, "Access level") { Min = 1, Max = 99 },
                    new("object_state", ParameterType.String, "Object state")
                    {
                        Choices = States, Description = "Who is suspended may look at what is theirs and make downloads of it, and change nothing",
                    },
                ],
            },
        ],
        Children = [TotpDeviceResource.Declare()],
    };

    private static async Task<ActionReply<User>> UpdateAsync(ActionContext context)
    {
        var (db, input) = (context.Database(), context.Input);
        var user = await db.Users.SingleOrDefaultAsync(u => u.Id == context.PathIds[0], context.Cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound();
        if (input.Text("email") is { } email && !UserAddition.IsAddress(email))
            throw ActionRefusedException.Invalid("email", "is not an address");
        // Somebody has to be left who can take it back.
        if (user.Id == context.Caller.UserId && (input.Text("object_state") is "suspended" || input.Integer("level") < user.Level))
            throw ActionRefusedException.Refused("nobody takes rights from themselves");
        user.FullName = input.Has("full_name") ? input.Text("full_name") : user.FullName;
        user.Email = input.Has("email") ? input.Text("email") : user.Email;
        user.Level = (int?)input.Integer("level") ?? user.Level;
        user.State = input.Text("object_state") switch { "active" => UserState.Active, "suspended" => UserState.Suspended, _ => user.State };
        await db.SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        return new([user]);
    }

    private static async Task<ActionReply<User>> CreateAsync(ActionContext context)
    {
        try
        {
            var adding = new UserAddition(context.Database(), context.Services.GetRequiredService<IPasswordHasher<User>>(), context.Services.GetRequiredService<TimeProvider>());
            return new([await adding.AddAsync(
                new(context.Input.Text("login")!, context.Input.Text("full_name"), context.Input.Text("email"), (int)context.Input.Integer("level")!.Value),
                context.Input.Text("password")!, context.Cancel).ConfigureAwait(false)]);
        }
        catch (BadUserException e)
        {
            throw ActionRefusedException.Invalid(e.Parameter, e.Message);
        }
    }
}
