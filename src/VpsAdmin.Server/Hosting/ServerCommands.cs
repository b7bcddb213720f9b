using System.CommandLine;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary>The program: its commands, and where their settings come from.</summary>
internal static class ServerCommands
{
    private const string ConfigOption = "--config";

    /// <summary>Runs a command line; errors are one line each on standard error.</summary>
    /// <returns>0, 1 when what was asked for is refused, 2 when it cannot be asked for like that.</returns>
    public static async Task<int> RunAsync(string[] arguments, TextReader input, InvocationConfiguration invocation)
    {
        try
        {
            // The file's name is itself an argument, and what is in it makes other arguments unnecessary.
            var file = Create(new ConfigurationBuilder().Build(), input).Parse(arguments).GetValue<string?>(ConfigOption);
            var parsed = Create(ServerConfiguration.Read(file), input).Parse(arguments);
            foreach (var error in parsed.Errors)
                await invocation.Error.WriteLineAsync($"vpsadmin-server: {OneLine(error.Message)}").ConfigureAwait(false);
            return parsed.Errors.Count > 0 ? AdministrationCommand.BadSetup : await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (SetupException e)
        {
            await invocation.Error.WriteLineAsync($"vpsadmin-server: {e.Message}").ConfigureAwait(false);
            return AdministrationCommand.BadSetup;
        }
    }

    /// <summary>The library of the command line writes lists with a line for each item.</summary>
    private static string OneLine(string message) => string.Join(' ', message.Split(['\r', '\n', '\t'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    private static RootCommand Create(IConfiguration configuration, TextReader input) => new("vpsAdmin: virtual servers on ZFS, their snapshots and backups.")
    {
        new Option<string?>(ConfigOption)
        {
            Description = "JSON file with settings that are not given as arguments or as VPSADMIN_... in the environment", HelpName = "FILE", Recursive = true,
        },
        ServeCommand.Create(configuration),
        UserCommand.Create(configuration, input, PasswordHashing.Create(), TimeProvider.System),
        OAuthCommand.Create(configuration),
        NodeCommand.Create(configuration),
        PoolCommand.Create(configuration),
        ChainCommand.Create(configuration, TimeProvider.System),
        StatusCommand.Create(configuration),
        CheckCommand.Create(configuration, new ZfsHost()),
        BackupDatabaseCommand.Create(configuration),
        ApiDocsCommand.Create(),
    };
}
