using System.Management.Automation;
using System.Reflection;
using VpsAdmin.Shell.Host;

namespace VpsAdmin.Shell;

internal static class Program
{
    // sysexits.h, as pwsh uses them.
    private const int WrongUsage = 64;
    private const int CannotStart = 70;

    public static int Main(string[] arguments)
    {
        var streams = new StandardStreams();
        switch (CommandLine.Parse(arguments))
        {
            case ShowHelp:
                streams.Output.WriteLine(CommandLine.Usage);
                return 0;
            case ShowVersion:
                streams.Output.WriteLine(Version);
                return 0;
            case UsageError wrong:
                return Refuse(streams, $"{wrong.Message}{Environment.NewLine}{Environment.NewLine}{CommandLine.Usage}");
            case RunScript script when !File.Exists(script.Path):
                return Refuse(streams, $"The script '{script.Path}' does not exist.");
            case RunScript script:
                return Run(streams, session => session.Run(script));
            case RunCommand command:
                return Run(streams, session => session.Run(command));
            case var other:
                throw new InvalidOperationException($"No way to do {other}.");
        }
    }

    private static int Run(StandardStreams streams, Func<ShellSession, int> run)
    {
        // The engine reports its use to Microsoft unless told not to, and makes a file with an id of the user for it. A backup speaks to its server only.
        Environment.SetEnvironmentVariable("POWERSHELL_TELEMETRY_OPTOUT", "1");
        using var interruption = new Interruption();
        var ui = new ShellUserInterface(streams, new Questions(streams, interruption.Token), TimeProvider.System);
        using var session = new ShellSession(new ShellHost(streams, ui), interruption);
        try
        {
            session.ImportModule(ModuleLocator.Find(Environment.GetEnvironmentVariable(ModuleLocator.Variable), AppContext.BaseDirectory));
        }
        catch (FileNotFoundException missing)
        {
            streams.Error.WriteLine(missing.Message);
            return CannotStart;
        }
        catch (RuntimeException error)
        {
            session.Show(error.ErrorRecord);
            return interruption.ExitCode ?? CannotStart;
        }

        var code = run(session);
        ui.Finish();
        return code;
    }

    private static int Refuse(StandardStreams streams, string message)
    {
        streams.Error.WriteLine(message);
        return WrongUsage;
    }

    private static string Version =>
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
}
