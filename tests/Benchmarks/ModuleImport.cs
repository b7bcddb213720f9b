using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Reflection;

namespace VpsAdmin.Benchmarks;

/// <summary>Import-Module and the first cmdlet, beside a binary module that has nothing but one cmdlet.</summary>
internal static class ModuleImport
{
    public static async Task CompareAsync(int rounds, CancellationToken cancel)
    {
        Console.WriteLine($"### Import-Module and the first cmdlet: milliseconds in an engine that runs, median of {rounds} (least to most), each in a process of its own\n");
        Console.WriteLine("| module | Import-Module | the first cmdlet |\n|---|---|---|");
        // The first manifest of a session costs the engine more than all that is in the module.
        await MeasureAsync("an empty binary module, by its manifest", Path.Combine(AppContext.BaseDirectory, "EmptyModule.psd1"), "Get-Nothing", rounds, cancel).ConfigureAwait(false);
        await MeasureAsync("the same, by its assembly", Path.Combine(AppContext.BaseDirectory, "EmptyModule.dll"), "Get-Nothing", rounds, cancel).ConfigureAwait(false);
        var root = typeof(ModuleImport).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "RepoRoot").Value!;
        await MeasureAsync("VpsAdmin, by its manifest", Path.Combine(root, "VpsAdmin.psd1"), "Get-VpsAdminConnection", rounds, cancel).ConfigureAwait(false);
        Console.WriteLine();
    }

    /// <summary>Prints the milliseconds of both.</summary>
    public static int Run(string module, string command)
    {
        Environment.SetEnvironmentVariable("PSModulePath", "");
        using var runspace = RunspaceFactory.CreateRunspace(InitialSessionState.CreateDefault2());
        runspace.Open();
        // The engine's own beginnings are not the module's.
        Invoke(runspace, "Get-Command", "Import-Module");
        var import = Invoke(runspace, "Import-Module", module);
        var first = Invoke(runspace, command);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{import:0.0} {first:0.0}"));
        return 0;
    }

    private static double Invoke(Runspace runspace, string command, params string[] arguments)
    {
        using var shell = PowerShell.Create(runspace);
        shell.AddCommand(command);
        foreach (var argument in arguments)
            shell.AddArgument(argument);
        var clock = Stopwatch.StartNew();
        shell.Invoke();
        return shell.HadErrors ? throw new InvalidOperationException(shell.Streams.Error[0].ToString()) : clock.Elapsed.TotalMilliseconds;
    }

    private static async Task MeasureAsync(string name, string module, string command, int rounds, CancellationToken cancel)
    {
        var all = new List<(double Import, double First)>();
        for (var round = 0; round < rounds; round++)
        {
            using var process = Process.Start(new ProcessStartInfo(Candidate.Self[0], [.. Candidate.Self[1..], "import", module, command]) { RedirectStandardOutput = true })!;
            var words = (await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false)).Split(' ', StringSplitOptions.TrimEntries);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            all.Add((double.Parse(words[0], CultureInfo.InvariantCulture), double.Parse(words[1], CultureInfo.InvariantCulture)));
        }
        Console.WriteLine($"| {name} | {Summary(all.Select(static r => r.Import))} | {Summary(all.Select(static r => r.First))} |");
    }

    private static string Summary(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return string.Create(CultureInfo.InvariantCulture, $"{sorted[sorted.Count / 2]:0} ({sorted[0]:0} to {sorted[^1]:0})");
    }
}
