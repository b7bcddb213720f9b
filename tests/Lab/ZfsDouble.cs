using System.Globalization;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>
/// A <c>zfs</c> that does, for what a real pool cannot be made to do on command, what its rules say, and hands everything else on to the machine's
/// own. Its folder is to be the first in PATH, or its program named.
/// </summary>
public sealed class ZfsDouble : IDisposable
{
    private ZfsDouble(string folder) => Folder = folder;

    public string Folder { get; }

    public string Program => Path.Combine(Folder, "zfs");

    /// <summary>Those that pause go on, and later ones do not pause.</summary>
    public void GoOn() => File.WriteAllText(Path.Combine(Folder, ZfsRule.GoOnName), "");

    /// <summary>How often each subcommand was called, in order.</summary>
    public IReadOnlyList<string> Calls => File.Exists(Log) ? File.ReadAllLines(Log) : [];

    /// <summary>The processes that it has been, each for one call; the deeds that need another program become that program.</summary>
    public IReadOnlyList<int> Pids => File.Exists(PidsLog) ? [.. File.ReadAllLines(PidsLog).Select(static line => int.Parse(line, CultureInfo.InvariantCulture))] : [];

    private string Log => Path.Combine(Folder, "log");

    private string PidsLog => Path.Combine(Folder, "pids");

    /// <param name="folder">Null: a temporary one, which disposing removes.</param>
    public static async Task<ZfsDouble> CreateAsync(IEnumerable<ZfsRule> rules, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var made = new ZfsDouble(Path.GetFullPath(folder ?? Directory.CreateTempSubdirectory("zfs-double-").FullName));
        Directory.CreateDirectory(made.Folder);
        await ProgramFile.WriteAsync(made.Program, made.Script([.. rules])).ConfigureAwait(false);
        return made;
    }

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private string Script(IReadOnlyList<ZfsRule> rules)
    {
        var cases = string.Concat(rules.Select((rule, n) => $"""
            if [ "$1" = {Quoted(rule.Command)} ]{(rule.Containing is { } word ? $" && case \"$*\" in *{Quoted(word)}*) true;; *) false;; esac" : "")} && due {n} {rule.Skip} {rule.Times}; then
              {rule.Body(Real)}
            fi

            """));
        // mkdir counts: it makes a folder once, whoever else is at it.
        return $$"""
            #!/bin/sh
            echo $$ >>{{Quoted(PidsLog)}}
            echo "$1" >>{{Quoted(Log)}}
            due() {
              seen=0
              while ! mkdir {{Quoted(Folder)}}/rule-$1-$seen 2>/dev/null; do seen=$((seen + 1)); done
              [ $seen -ge $2 ] && { [ $3 -eq 0 ] || [ $seen -lt $(($2 + $3)) ]; }
            }
            {{cases}}exec {{Real}} "$@"

            """;
    }

    private static string Real => OwnedProcess.Locate("zfs") is { } real ? Quoted(real) : "false";

    internal static string Quoted(string word) => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

/// <summary>What a double of <c>zfs</c> does.</summary>
public enum ZfsDeed
{
    /// <summary>Says something on its standard error and ends with an exit code, without reading or doing anything.</summary>
    Fail,
    /// <summary>Neither reads nor writes nor ends.</summary>
    Hang,
    /// <summary>Prints a text and ends well.</summary>
    Print,
    /// <summary>Takes or gives so many bytes, then ends with an exit code.</summary>
    ExitEarly,
    /// <summary>Writes to its standard output, or to nowhere if nobody reads, without an end.</summary>
    FillPipe,
    /// <summary>Does the whole thing, then fails all the same.</summary>
    FailAfter,
    /// <summary>Does the whole thing, then kills whoever called it, with SIGKILL.</summary>
    KillCaller,
    /// <summary>Gives so many bytes, and the rest when <see cref="ZfsDouble.GoOn"/> says so.</summary>
    Pause,
}

/// <param name="Command">The subcommand, such as <c>receive</c>.</param>
/// <param name="Text">What it says or prints.</param>
/// <param name="Bytes">With <see cref="ZfsDeed.ExitEarly"/> and <see cref="ZfsDeed.Pause"/>.</param>
/// <param name="Skip">So many calls are handed on first.</param>
/// <param name="Times">Then so many are not; 0: all.</param>
/// <param name="Containing">Only calls that have this among their arguments.</param>
public sealed record ZfsRule(
    string Command, ZfsDeed Does, string Text = "", int ExitCode = 1, int Bytes = 0, int Skip = 0, int Times = 0, string? Containing = null)
{
    /// <summary>Name of the file whose appearance ends pauses.</summary>
    internal const string GoOnName = "go-on";

    /// <param name="real">The machine's zfs, quoted.</param>
    internal string Body(string real)
    {
        var say = $"printf '%s\\n' {ZfsDouble.Quoted(Text)}";
        return Does switch
        {
            ZfsDeed.Fail => $"{say} >&2; exit {ExitCode}",
            ZfsDeed.Hang => "exec sleep 1000000",
            ZfsDeed.Print => $"{say}; exit 0",
            ZfsDeed.ExitEarly when Command == "receive" => $"head -c {Bytes} >/dev/null; {say} >&2; exit {ExitCode}",
            ZfsDeed.ExitEarly => $"{real} \"$@\" 2>/dev/null | head -c {Bytes}; {say} >&2; exit {ExitCode}",
            ZfsDeed.KillCaller => $"{real} \"$@\"; kill -9 $PPID; exit 1",
            ZfsDeed.Pause => $"{real} \"$@\" | {{ head -c {Bytes}; while [ ! -e \"${{0%/*}}/{GoOnName}\" ]; do sleep 0.1; done; cat; }}; exit 0",
            ZfsDeed.FillPipe => "exec yes 'a line that says nothing'",
            _ => $"{real} \"$@\"; {say} >&2; exit {ExitCode}",
        };
    }
}
