using System.CommandLine;
using System.Security.Cryptography;
using VpsAdmin.Server.Accounts.OAuth;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>vpsadmin-server oauth client add|list|remove</c></summary>
internal static class OAuthCommand
{
    private const int SecretDigits = 64;

    public static Command Create(IConfiguration configuration) => new("oauth", "Logging in through a browser.")
    {
        new Command("client", "Programs that people may log in to.") { Add(configuration), List(configuration), Remove(configuration) },
    };

    private static Command Add(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var id = new Argument<string>("ID");
        var name = new Option<string?>("--name") { Description = "What people see on the login page (default: the id)", HelpName = "TEXT" };
        var redirect = new Option<string[]>("--redirect-uri")
        {
            Description = "Where the browser brings the code; can be given more than once. http://127.0.0.1/ is good for any port", HelpName = "URI", Required = true,
        };
        var confidential = new Option<bool>("--confidential") { Description = "For a server that can keep a secret, which is made and shown once" };
        var command = new Command("add", "Registers a program.") { id, data, name, redirect, confidential };
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            var secret = parsed.GetValue(confidential) ? RandomNumberGenerator.GetHexString(SecretDigits, lowercase: true) : null;
            var client = new NewOAuthClient(parsed.GetRequiredValue(id), parsed.GetValue(name) ?? parsed.GetRequiredValue(id), [.. parsed.GetRequiredValue(redirect).Select(Address)], secret);
            await new OAuthClients(db).AddAsync(client, cancel).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"Client '{client.Id}' was added.{(secret is null ? "" : $" Its secret: {secret}")}").ConfigureAwait(false);
        });
        return command;
    }

    private static Uri Address(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var uri) ? uri : throw new SetupException($"--redirect-uri: '{text}' is not an address.");

    private static Command List(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var command = new Command("list", "Tells which there are.") { data };
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            foreach (var client in await new OAuthClients(db).ListAsync(cancel).ConfigureAwait(false))
                await parsed.InvocationConfiguration.Output.WriteLineAsync($"{client.ClientId} ({client.DisplayName}, {client.ClientType}): {client.RedirectUris}").ConfigureAwait(false);
        });
        return command;
    }

    private static Command Remove(IConfiguration configuration)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var id = new Argument<string>("ID");
        var command = new Command("remove", "Nobody logs in to it any more; its tokens end.") { id, data };
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            await new OAuthClients(db).RemoveAsync(parsed.GetRequiredValue(id), cancel).ConfigureAwait(false);
            await parsed.InvocationConfiguration.Output.WriteLineAsync($"Client '{parsed.GetRequiredValue(id)}' was removed.").ConfigureAwait(false);
        });
        return command;
    }
}
