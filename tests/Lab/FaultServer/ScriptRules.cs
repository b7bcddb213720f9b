using System.Globalization;
using System.Text.RegularExpressions;
using VpsAdmin.Lab;

namespace VpsAdmin.FaultServer;

/// <summary>Whether what a script says can be done: whoever rehearses is to hear of a slip of the pen before, and not to wonder at what does not go wrong.</summary>
internal sealed partial class ScriptRules
{
    private const int MostBytes = 1_000_000_000;
    private const int MostMiB = 100_000;
    private const int MostSeconds = 86_400;

    private static readonly string[] Formats = ["archive", "stream", "incremental_stream"];

    private readonly List<string> _problems = [];

    private ScriptRules()
    {
    }

    /// <param name="folder">Where files are that it names.</param>
    public static IReadOnlyList<string> Problems(FaultScript script, string folder)
    {
        var rules = new ScriptRules();
        rules.Snapshots(script.Snapshots, folder);
        foreach (var (n, fault) in (script.Files ?? []).Index())
            rules.OfFile(fault, At("files", n));
        if (script.EveryFile is { } every)
            rules.OfFile(every, "every_file");
        foreach (var (n, fault) in (script.Api ?? []).Index())
            rules.OfCall(fault, At("api", n));
        foreach (var (n, rule) in (script.Zfs ?? []).Index())
            rules.OfZfs(rule, At("zfs", n));
        return rules._problems;
    }

    private void Snapshots(IReadOnlyList<SnapshotScript> snapshots, string folder)
    {
        var before = new HashSet<string>();
        foreach (var (n, snapshot) in snapshots.Index())
        {
            var place = At("snapshots", n);
            Require(snapshot.Name.Length > 0, $"{place}.name", "it is empty");
            Require(!before.Contains(snapshot.Name), $"{place}.name", $"another snapshot is '{snapshot.Name}' already");
            Between(0, int.MaxValue, snapshot.HistoryId, $"{place}.history_id");
            var had = new HashSet<(string, string?)>();
            foreach (var (e, export) in (snapshot.Exports ?? []).Index())
            {
                var at = At($"{place}.exports", e);
                OfExport(export, at, before);
                OfContent(export, at, folder);
                Require(had.Add((export.Format, export.From)), at, "the snapshot has another export of this format and base, and one is all that can be asked for");
            }
            before.Add(snapshot.Name);
        }
    }

    private void OfExport(ExportScript export, string place, HashSet<string> before)
    {
        Require(Formats.Contains(export.Format), $"{place}.format", $"'{export.Format}' is not one of {string.Join(", ", Formats)}");
        if (export.Format == "incremental_stream")
            Require(export.From is not null && before.Contains(export.From), $"{place}.from", "with incremental_stream it is the name of a snapshot further up");
        else
            Require(export.From is null, $"{place}.from", "only an incremental_stream has a base");
        Between(0, MostBytes, export.Size, $"{place}.size");
        Between(1, MostMiB, export.Bomb, $"{place}.bomb");
        Between(0, int.MaxValue, export.CutStream, $"{place}.cut_stream");
        Between(0, int.MaxValue, export.CutGzip, $"{place}.cut_gzip");
        Between(1, int.MaxValue, export.Grow, $"{place}.grow");
        Between(0, int.MaxValue, export.AppearAfter, $"{place}.appear_after");
    }

    private void OfContent(ExportScript export, string place, string folder)
    {
        if (export.Bomb is not null)
        {
            Require(export is { File: null, CutStream: null, CutGzip: null }, $"{place}.bomb", "it is the whole file: without file, cut_stream and cut_gzip");
            return;
        }
        if (export.File is null)
        {
            Require(export.CutStream is null || export.Format != "archive", $"{place}.cut_stream", "an archive that is made up is no stream: give it a file, or a format with a stream");
            return;
        }
        var path = Path.Combine(folder, export.File);
        var isThere = File.Exists(path);
        Require(isThere, $"{place}.file", $"there is no file '{path}'; without this word one is made up");
        if (isThere && export.CutStream is not null)
            Require(ExportContent.IsGzip(path), $"{place}.cut_stream", $"'{path}' is not compressed with gzip");
    }

    private void OfFile(FileFault fault, string place)
    {
        Between(200, 599, fault.Status, $"{place}.status");
        Header(fault.RetryAfter, $"{place}.retry_after");
        Header(fault.Redirect, $"{place}.redirect");
        Header(fault.Etag, $"{place}.etag");
        Between(0, long.MaxValue, fault.CutAfter, $"{place}.cut_after");
        Between(0, long.MaxValue, fault.StallAfter, $"{place}.stall_after");
        Between(1, int.MaxValue, fault.BytesPerSecond, $"{place}.bytes_per_second");
        Between(0, long.MaxValue, fault.RangeFrom, $"{place}.range_from");
        Between(0, long.MaxValue, fault.Length, $"{place}.length");
        Between(1, long.MaxValue, fault.Piece, $"{place}.piece");
        Between(0, long.MaxValue, fault.SeenLength, $"{place}.seen_length");
        Between(0, long.MaxValue, fault.CorruptAt, $"{place}.corrupt_at");
        Between(0, int.MaxValue, fault.ShrinkTo, $"{place}.shrink_to");
        Between(0, MostSeconds, fault.Delay, $"{place}.delay");
    }

    private void OfCall(ApiFault fault, string place)
    {
        Require(
            fault.Call == "*" || (Call().IsMatch(fault.Call) && !Versioned().IsMatch(fault.Call)), $"{place}.call",
            $"'{fault.Call}' is no call: a method in capitals and a path without version, such as GET /snapshot_downloads/*; a path alone, or * alone");
        Times(fault.Skip, fault.Times, place);
        Between(0, MostSeconds, fault.Delay, $"{place}.delay");
        Between(200, 599, fault.Status, $"{place}.status");
        Require(fault.Status is not (204 or 205 or 304), $"{place}.status", "with this status nothing can be said, not even a refusal");
        Header(fault.RetryAfter, $"{place}.retry_after");
        Require(
            fault is not { Delay: 0, Status: null, Message: null, RetryAfter: null, Body: null, HangUp: false, HangUpAfter: false }, place,
            "nothing goes wrong: say status, message, retry_after, body, delay, hang_up or hang_up_after");
    }

    private void OfZfs(ZfsRule rule, string place)
    {
        Require(SubCommand().IsMatch(rule.Command), $"{place}.command", $"'{rule.Command}' is no subcommand of zfs, such as receive");
        Between(0, byte.MaxValue, rule.ExitCode, $"{place}.exit_code");
        Between(0, int.MaxValue, rule.Bytes, $"{place}.bytes");
        Times(rule.Skip, rule.Times, place);
        Require(!rule.Text.Contains('\0', StringComparison.Ordinal), $"{place}.text", "a script of the shell has no NUL");
        Require(rule.Containing is null || (rule.Containing.Length > 0 && !rule.Containing.Contains('\0', StringComparison.Ordinal)), $"{place}.containing", "it is a word among the arguments");
    }

    private void Times(int skip, int times, string place)
    {
        Between(0, int.MaxValue, skip, $"{place}.skip");
        Between(0, int.MaxValue, times, $"{place}.times");
    }

    private void Between(long least, long most, double? value, string place) => Require(
        value is null || (value >= least && value <= most), place,
        string.Create(CultureInfo.InvariantCulture, $"{value} is not {(most >= int.MaxValue ? $"{least} or more" : $"{least} to {most}")}"));

    private void Header(string? value, string place) =>
        Require(value is null || value.All(static c => c is >= ' ' and <= '~'), place, "a header of HTTP has only printable characters of ASCII");

    private void Require(bool isRight, string place, string problem)
    {
        if (!isRight)
            _problems.Add($"{place}: {problem}");
    }

    private static string At(string list, int n) => string.Create(CultureInfo.InvariantCulture, $"{list}[{n}]");

    [GeneratedRegex(@"^((GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) )?/[^ ?#]*\z")]
    private static partial Regex Call();

    [GeneratedRegex(@"/v[0-9]+(\.[0-9]+)?(/|\z)")]
    private static partial Regex Versioned();

    [GeneratedRegex(@"^[a-z-]+\z")]
    private static partial Regex SubCommand();
}
