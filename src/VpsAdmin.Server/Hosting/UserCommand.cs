using System.CommandLine;
using Microsoft.AspNetCore.Identity;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>vpsadmin-server user add</c> and <c>user passwd</c>. Passwords are read from standard input, never from an argument.</summary>
internal static class UserCommand
{
    public static Command Create(IConfiguration configuration, TextReader input, IPasswordHasher<User> hasher, TimeProvider time) =>
        new("user", "Users of the API.") { Add(configuration, input, hasher, time), Passwd(configuration, input, hasher, time) };

    private static Command Add(IConfiguration configuration, TextReader input, IPasswordHasher<User> hasher, TimeProvider time)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var login = new Argument<string>("LOGIN");
        var email = new Option<string?>("--email") { HelpName = "ADDRESS" };
        var fullName = new Option<string?>("--full-name") { HelpName = "NAME" };
        var level = new Option<int>("--level") { Description = "1: member, 21: support, 90: administrator", DefaultValueFactory = static _ => 1 };
        var command = new Command("add", "Adds a user. The password is the first line of standard input.") { login, data, email, fullName, level };
        command.SetDatabaseAction(data, (parsed, db, cancel) => TellAsync(parsed, "was added", async () =>
        {
            var user = new NewUser(parsed.GetRequiredValue(login), parsed.GetValue(fullName), parsed.GetValue(email), parsed.GetValue(level));
            return await new UserAddition(db, hasher, time).AddAsync(user, await PasswordAsync(input, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false);
        }));
        return command;
    }

    private static Command Passwd(IConfiguration configuration, TextReader input, IPasswordHasher<User> hasher, TimeProvider time)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var login = new Argument<string>("LOGIN");
        var command = new Command("passwd", "Gives a user a new password, the first line of standard input; their tokens end.") { login, data };
        command.SetDatabaseAction(data, (parsed, db, cancel) => TellAsync(parsed, "has a new password", async () =>
            await new UserAddition(db, hasher, time)
                .ChangePasswordAsync(parsed.GetRequiredValue(login), await PasswordAsync(input, cancel).ConfigureAwait(false), cancel).ConfigureAwait(false)));
        return command;
    }

    private static async Task TellAsync(ParseResult parsed, string done, Func<Task<User>> change)
    {
        try
        {
            var user = await change().ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"User {user.Id} ({user.Login}) {done}.").ConfigureAwait(false);
        }
        catch (BadUserException e)
        {
            throw new SetupException($"{e.Parameter}: {e.Message}", e);
        }
    }

    private static async Task<string> PasswordAsync(TextReader input, CancellationToken cancel) => await input.ReadLineAsync(cancel).ConfigureAwait(false) ?? "";
}
