using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using VpsAdmin.Lab;

namespace VpsAdmin.FaultServer;

/// <summary>What a script file says (docs/fault-laboratory.md).</summary>
/// <param name="Snapshots">Of the one dataset, oldest first.</param>
/// <param name="Files">What happens to the requests for files, in order, whichever file it is; later ones are served properly.</param>
/// <param name="EveryFile">What happens to all requests for files that <paramref name="Files"/> says nothing about.</param>
/// <param name="Api">What happens to calls of the API.</param>
/// <param name="Zfs">What a double of <c>zfs</c> does; the rest is passed on to the machine's.</param>
public sealed record FaultScript(
    IReadOnlyList<SnapshotScript> Snapshots, IReadOnlyList<FileFault>? Files = null, FileFault? EveryFile = null, IReadOnlyList<ApiFault>? Api = null,
    IReadOnlyList<ZfsRule>? Zfs = null)
{
    /// <exception cref="InvalidDataException">Something in it is not right: all that is, each with its place.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FaultScript Read(string path)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{path}' is a folder, and no script.");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllText(path), new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            Require(path, ScriptShape.Problems(json.RootElement));
            var script = json.RootElement.Deserialize(ScriptJson.Default.FaultScript)!;
            Require(path, ScriptRules.Problems(script, Path.GetDirectoryName(Path.GetFullPath(path))!));
            return script;
        }
        catch (JsonException e)
        {
            var words = e.Message.Split(" LineNumber:")[0];
            throw new InvalidDataException($"'{path}' is no JSON: line {e.LineNumber + 1}: {words}", e);
        }
    }

    private static void Require(string path, IReadOnlyList<string> problems)
    {
        if (problems.Count > 0)
            throw new InvalidDataException($"'{path}' is not right:{string.Concat(problems.Select(static problem => $"{Environment.NewLine}  {problem}"))}");
    }
}

/// <param name="Name">Behind the <c>@</c>: its time of creation, such as <c>2026-03-02T00:00:00</c>.</param>
/// <param name="Exports">What can be had of it; another format, or another base, is refused.</param>
public sealed record SnapshotScript(string Name, int HistoryId = 0, IReadOnlyList<ExportScript>? Exports = null);

/// <summary>One export of a snapshot, and what is wrong with it.</summary>
/// <param name="Format"><c>archive</c>, <c>stream</c> or <c>incremental_stream</c>.</param>
/// <param name="From">Name of the base; with an incremental stream only.</param>
/// <param name="File">The file to serve, beside the script; null: one is made up.</param>
/// <param name="Size">Bytes of data in one that is made up.</param>
/// <param name="Bomb">Instead of it, a gzip of so many MiB of nothing, for about a thousandth of that.</param>
/// <param name="CutStream">Of the decoded stream only so many bytes were compressed, and the checksum is right (BUG-2).</param>
/// <param name="CutGzip">The file ends after so many bytes, and the checksum is right.</param>
/// <param name="Sha256">What the API says of it; null: the truth.</param>
/// <param name="FileName">What the API calls it, hostile or not; null: a decent name.</param>
/// <param name="Grow">Bytes that the file gets more with each look at the download's state; null: it is there at once.</param>
/// <param name="AppearAfter">So many looks find no file at all.</param>
public sealed record ExportScript(
    string Format = "archive", string? From = null, string? File = null, int Size = 10_000_000, int? Bomb = null, int? CutStream = null, int? CutGzip = null,
    string? Sha256 = null, string? FileName = null, int? Grow = null, int AppearAfter = 0);

/// <summary>Words of a script, as they are read and told.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
    ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(FaultScript))]
internal sealed partial class ScriptJson : JsonSerializerContext;

/// <summary>Faults in the words by which a script asks for them, for the log.</summary>
public static class ToldFault
{
    private static readonly ScriptJson Json = new(new JsonSerializerOptions(ScriptJson.Default.FaultScript.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static string Tell(FileFault fault) => JsonSerializer.Serialize(fault, Json.FileFault);

    public static string Tell(ApiFault fault) => JsonSerializer.Serialize(fault, Json.ApiFault);
}
