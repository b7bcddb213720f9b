using System.Globalization;
using System.Text;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>
/// A <c>zfs</c> that does, for what a real pool cannot be made to do on command, what its rules say, and hands everything else on to the machine's
/// own. Its folder is to be the first in PATH, or its program named.
/// </summary>
public sealed class ZfsDouble : IDisposable
{
    /// <summary>By its second line a double is known from any other program.</summary>
    private const string Mark = "# A double of zfs: what it does is written by the fault laboratory, again at each start.";

    // The PATH of an ordinary user lacks the folders where zfs lives.
    private static readonly string[] SystemFolders = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

    private readonly bool _isTemporary;

    private ZfsDouble(string folder, bool isTemporary) => (Folder, _isTemporary) = (folder, isTemporary);

    public string Folder { get; }

    public string Program => Path.Combine(Folder, "zfs");

    /// <summary>Those that pause go on, and later ones do not pause.</summary>
    public void GoOn() => File.WriteAllText(GoOnFile, "");

    /// <summary>How often each subcommand was called, in order.</summary>
    public IReadOnlyList<string> Calls => File.Exists(Log) ? File.ReadAllLines(Log) : [];

    /// <summary>The processes that it has been, each for one call; the deeds that need another program become that program.</summary>
    public IReadOnlyList<int> Pids => File.Exists(PidsLog) ? [.. File.ReadAllLines(PidsLog).Select(static line => int.Parse(line, CultureInfo.InvariantCulture))] : [];

    /// <summary>What it notes while it is called. A folder of its own: nothing else beside the program is touched when that begins anew.</summary>
    private string Notes => Path.Combine(Folder, "zfs.calls");

    private string Log => Path.Combine(Notes, "log");

    private string PidsLog => Path.Combine(Notes, "pids");

    private string GoOnFile => Path.Combine(Folder, ZfsRule.GoOnName);

    /// <param name="folder">Null: a temporary one, which disposing removes. In another, a double that is there begins anew with these rules.</param>
    /// <exception cref="IOException">The folder cannot be written to, or has a <c>zfs</c> that is no double.</exception>
    public static async Task<ZfsDouble> CreateAsync(IEnumerable<ZfsRule> rules, string? folder = null)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var made = folder is null
            ? new ZfsDouble(Directory.CreateTempSubdirectory("zfs-double-").FullName, isTemporary: true)
            : new ZfsDouble(Path.GetFullPath(folder), isTemporary: false);
        Directory.CreateDirectory(made.Folder);
        made.ForgetTheLast();
        Directory.CreateDirectory(made.Notes);
        await ProgramFile.WriteAsync(made.Program, made.Script([.. rules])).ConfigureAwait(false);
        return made;
    }

    public void Dispose()
    {
        if (_isTemporary)
            Directory.Delete(Folder, recursive: true);
    }

    /// <summary>A rule that was used up, or a pause that was over, would be so for the next one too.</summary>
    private void ForgetTheLast()
    {
        if (!Path.Exists(Program))
            return;
        if (!File.Exists(Program) || !IsDouble(Program))
            throw new IOException($"'{Program}' is there, and no double: name a folder without a zfs of its own.");
        if (Directory.Exists(Notes))
            Directory.Delete(Notes, recursive: true);
        File.Delete(GoOnFile);
    }

    private string Script(IReadOnlyList<ZfsRule> rules)
    {
        var real = Real();
        var cases = string.Concat(rules.Select((rule, n) => $"""
            if [ "$1" = {Quoted(rule.Command)} ]{(rule.Containing is { } word ? $" && case \"$*\" in *{Quoted(word)}*) true;; *) false;; esac" : "")} && due {n} {rule.Skip} {rule.Times}; then
              {rule.Body(real)}
            fi

            """));
        // mkdir counts: it makes a folder once, whoever else is at it.
        return $$"""
            #!/bin/sh
            {{Mark}}
            echo $$ >>{{Quoted(PidsLog)}}
            echo "$1" >>{{Quoted(Log)}}
            due() {
              seen=0
              while ! mkdir {{Quoted(Notes)}}/rule-$1-$seen 2>/dev/null; do seen=$((seen + 1)); done
              [ $seen -ge $2 ] && { [ $3 -eq 0 ] || [ $seen -lt $(($2 + $3)) ]; }
            }
            {{cases}}exec {{real}} "$@"

            """;
    }

    /// <summary>The machine's own, quoted. PATH may well begin with a double's folder, this one's or another's: a double would call itself for ever.</summary>
    private static string Real()
    {
        var own = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(Path.IsPathRooted).Concat(SystemFolders)
            .Select(static folder => Path.Combine(folder, "zfs"))
            .FirstOrDefault(static file => File.Exists(file) && !IsDouble(file));
        return own is null ? "false" : Quoted(own);
    }

    private static bool IsDouble(string file)
    {
        using var program = File.OpenRead(file);
        var start = new byte[256];
        return Encoding.UTF8.GetString(start, 0, program.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)).Contains(Mark, StringComparison.Ordinal);
    }

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
