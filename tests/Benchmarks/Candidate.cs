using System.Diagnostics;
using System.Globalization;

namespace VpsAdmin.Benchmarks;

/// <summary>A command that is measured as a whole, with all processes that it waits for, by GNU time.</summary>
/// <param name="Command">A program and its arguments.</param>
/// <param name="Prepare">Before each round, not measured; null: nothing.</param>
/// <param name="Prints">What its output must contain, else there is no number; null: it need only end well.</param>
internal sealed record Candidate(string Name, IReadOnlyList<string> Command, Func<CancellationToken, Task>? Prepare = null, string? Prints = null)
{
    /// <param name="script">Of bash; the arguments are $1, $2 …</param>
    public static Candidate Shell(string name, string script, params string[] arguments) => new(name, ["bash", "-c", "set -o pipefail; " + script, "shell", .. arguments]);

    /// <summary>This program's own <see cref="Scenarios"/>, in a process of its own.</summary>
    public static Candidate Own(string name, string scenario, params string[] arguments) => new(name, [.. Self, "run", scenario, .. arguments]);

    /// <summary>What this program was started by: its own host, or dotnet with its assembly.</summary>
    internal static string[] Self => Path.GetFileNameWithoutExtension(Environment.ProcessPath) is "dotnet" ? [Environment.ProcessPath!, Environment.GetCommandLineArgs()[0]] : [Environment.ProcessPath!];

    /// <exception cref="InvalidOperationException">It failed, or printed something else: a result that is wrong has no speed.</exception>
    public async Task<Round> RunAsync(CancellationToken cancel)
    {
        if (Prepare is not null)
            await Prepare(cancel).ConfigureAwait(false);
        var report = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("time", ["-o", report, "-f", "%e %U %S %M", .. Command]) { RedirectStandardOutput = true };
            using var process = Process.Start(start)!;
            var output = await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false);
            await process.WaitForExitAsync(cancel).ConfigureAwait(false);
            if (process.ExitCode != 0 || (Prints is not null && !output.Contains(Prints, StringComparison.Ordinal)))
                throw new InvalidOperationException($"'{Name}' ended with exit code {process.ExitCode} and said: {output}");
            var words = (await File.ReadAllTextAsync(report, cancel).ConfigureAwait(false)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)
                .Select(static word => double.Parse(word, CultureInfo.InvariantCulture)).ToList();
            return new Round(words[0], words[1] + words[2], words[3] / 1024);
        }
        finally
        {
            File.Delete(report);
        }
    }
}

/// <param name="CpuSeconds">Of user and system, of the command and its children.</param>
/// <param name="PeakMiB">Of the process among them that had most memory.</param>
internal sealed record Round(double Seconds, double CpuSeconds, double PeakMiB);
