using System.Text.RegularExpressions;

namespace VpsAdmin.Architecture.Tests;

/// <summary>Rules of the house that the compiler does not know.</summary>
public sealed partial class SourceTests
{
    private static readonly string[] Programs = ["VpsAdmin.Help", "VpsAdmin.NodeHost", "VpsAdmin.Server", "VpsAdmin.Shell"];

    [Fact]
    public void Programs_are_started_in_one_place() =>
        Assert.Equal(["src/VpsAdmin.Zfs/Processes/OwnedProcess.cs"], Matching(StartsProgram()));

    [Fact]
    public void Time_is_a_time_provider() => Assert.Empty(Matching(ReadsClock()));

    [Fact]
    public void Nothing_is_left_to_be_written() => Assert.Empty(Matching(Unfinished()));

    [Fact]
    public void The_console_is_left_to_the_programs_and_to_raw_standard_output() =>
        Assert.Equal(["src/VpsAdmin.PS/Transfers/StandardOutputTarget.cs"],
            Matching(UsesConsole()).Where(p => !Programs.Any(r => p.StartsWith($"src/{r}/", StringComparison.Ordinal))));

    private static IEnumerable<string> Matching(Regex pattern) =>
        Rooms.Sources().Where(s => pattern.IsMatch(s.Text)).Select(s => s.Path).Order(StringComparer.Ordinal);

    [GeneratedRegex(@"\bProcess\.Start\(|new ProcessStartInfo|new Process\b")]
    private static partial Regex StartsProgram();

    [GeneratedRegex(@"\bDateTime(Offset)?\.(Now|UtcNow|Today)\b|\bEnvironment\.TickCount|\bStopwatch\.")]
    private static partial Regex ReadsClock();

    [GeneratedRegex(@"new NotImplementedException|\bTODO\b|\bFIXME\b|\bHACK\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"\bConsole\.")]
    private static partial Regex UsesConsole();
}
