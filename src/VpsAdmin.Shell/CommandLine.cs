using System.Text.RegularExpressions;

namespace VpsAdmin.Shell;

/// <summary>What the shell was asked to do.</summary>
internal abstract record Request;

internal sealed record ShowHelp : Request;

internal sealed record ShowVersion : Request;

internal sealed record UsageError(string Message) : Request;

/// <summary>Run <paramref name="Text"/> as PowerShell.</summary>
internal sealed record RunCommand(string Text) : Request;

/// <summary>Run the script at <paramref name="Path"/>.</summary>
internal sealed record RunScript(string Path, IReadOnlyList<ScriptArgument> Arguments) : Request;

/// <param name="Name">Parameter, with its dash; null for a positional argument or the value of the parameter before it.</param>
/// <param name="Value">Null for a parameter whose value, if it has one, is the next argument.</param>
internal sealed record ScriptArgument(string? Name, string? Value);

/// <summary>
/// Reads the shell's own command line. Everything behind the script's name is the script's and is read as <c>pwsh -File</c> reads it, which
/// no command line library does: whether <c>-Name</c> takes a value is known to the script's parameter binder only.
/// </summary>
internal static partial class CommandLine
{
    public const string Usage = """
        Usage:
          vpsadmin SCRIPT.ps1 [ARGUMENT | -Parameter VALUE | -Switch | -Parameter:VALUE]...
          vpsadmin -Command TEXT        (-c)
          vpsadmin -Help                (-h)
          vpsadmin -Version             (-v)

        Runs a PowerShell script or command with the VpsAdmin module loaded, on hosts without pwsh.
        Results go to standard output; errors, warnings, verbose messages and progress to standard error.
        A command that writes byte[] to a redirected standard output writes the bytes themselves.

        Exit status:
          N     the script said 'exit N'
          0     the script or command ended
          1     a terminating error, wrong arguments for the script; with -Command, a last statement that failed;
                when the error is the module's, one of the following tells more:
          10    some of several backups failed
          11    verification failed: the data was damaged on its way, or on the server
          12    locked: another backup is running, or the server is busy with the object
          13    connection: the server, or the ssh host, cannot be reached or does not let us in
          14    conflict: what is here and what the server has do not fit
          15    configuration: a wrong parameter, a missing object, no permission
          16    target: the ZFS or the disk here refused
          64    wrong usage
          70    the VpsAdmin module was not found or did not load
          130   interrupted (Ctrl-C), 143: SIGTERM, 129: SIGHUP

        Environment:
          VPSADMIN_MODULE   VpsAdmin.psd1 or its folder; by default looked for in the program's folder and above
          COLUMNS           width of tables when standard output is not a terminal (120)
        """;

    public static Request Parse(IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0)
            return new UsageError("No script and no command was given.");

        var first = arguments[0];
        var rest = arguments.Skip(1).ToArray();
        return Option(first) switch
        {
            null => new RunScript(first, [.. rest.Select(ScriptArgument)]),
            "help" or "h" or "?" => new ShowHelp(),
            "version" or "v" => new ShowVersion(),
            "command" or "c" when rest.Length == 0 => new UsageError($"{first} needs the command's text."),
            "command" or "c" => new RunCommand(string.Join(' ', rest)),
            "file" or "f" when rest.Length == 0 => new UsageError($"{first} needs the script's path."),
            "file" or "f" => new RunScript(rest[0], [.. rest.Skip(1).Select(ScriptArgument)]),
            _ => new UsageError($"'{first}' is not an option of vpsadmin. A script's own parameters come after its path."),
        };
    }

    /// <summary>The option's name without its dashes; null for what is not an option.</summary>
    private static string? Option(string argument) =>
        argument.StartsWith('-') ? argument.TrimStart('-').ToLowerInvariant() : null;

    private static ScriptArgument ScriptArgument(string argument)
    {
        var parameter = Parameter().Match(argument);
        return !parameter.Success ? new(null, argument)
            : parameter.Groups["value"] is { Success: true } value ? new(parameter.Groups["name"].Value, value.Value)
            : new(parameter.Groups["name"].Value, null);
    }

    /// <summary>A dash and a name: <c>-5</c>, <c>--</c> and a lone <c>-</c> are values.</summary>
    [GeneratedRegex(@"^(?<name>-[\p{L}_][\p{L}\p{Nd}_-]*)(:(?<value>.+)?)?$", RegexOptions.Singleline)]
    private static partial Regex Parameter();
}
