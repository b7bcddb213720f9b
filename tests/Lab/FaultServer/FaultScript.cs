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
    /// <exception cref="JsonException">It is not understood: also where it has a word that nobody knows.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static FaultScript Read(string path)
    {
        using var file = File.OpenRead(path);
        return JsonSerializer.Deserialize(file, ScriptJson.Default.FaultScript) ?? throw new JsonException("The script is empty.");
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

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UseStringEnumConverter = true, ReadCommentHandling = JsonCommentHandling.Skip,
    AllowTrailingCommas = true, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(FaultScript))]
internal sealed partial class ScriptJson : JsonSerializerContext;
