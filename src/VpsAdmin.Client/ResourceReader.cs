using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.Client;

/// <summary>Objects of the API to records. Pure; what is out of type or range is a <see cref="HaveApi.ProtocolException"/> that names the field.</summary>
internal static partial class ResourceReader
{
    private const int ShortText = 255;
    private const int LongText = 1024;

    /// <summary>The most MiB whose bytes can still be counted.</summary>
    private const long MaxMiB = long.MaxValue >> 20;

    /// <summary>The longest time that can be counted: some centuries.</summary>
    private const long MaxSeconds = int.MaxValue * 10L;

    public static User User(ObjectReader json) => new(
        json.Id("id"),
        json.Name("login", ShortText),
        json.OptionalText("full_name", ShortText),
        (int?)json.OptionalInteger("level", int.MinValue, int.MaxValue));

    public static Node Node(ObjectReader json) => new(
        json.Id("id"),
        json.Name("name", ShortText),
        json.OptionalName("domain_name", ShortText));

    public static Pool Pool(ObjectReader json) => new(
        json.Id("id"),
        Reference(json, "node"),
        json.OptionalText("label", ShortText) ?? json.OptionalText("name", ShortText),
        json.OptionalName("filesystem", LongText),
        json.Name("role", ShortText));

    public static Vps Vps(ObjectReader json) => new(
        json.Id("id"),
        json.OptionalText("hostname", ShortText),
        Reference(json, "user"),
        Reference(json, "node"),
        Reference(json, "dataset"),
        json.OptionalBoolean("is_running"),
        json.OptionalName("object_state", ShortText))
    {
        Template = json.OptionalText("template", ShortText),
        Uptime = json.OptionalInteger("uptime", 0, MaxSeconds) is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
        ProcessCount = (int?)json.OptionalInteger("process_count", 0, int.MaxValue),
        UsedMemoryMiB = MiB(json, "used_memory"),
    };

    public static Dataset Dataset(ObjectReader json) => new(
        json.Id("id"),
        json.Name("name", LongText),
        Reference(json, "parent"),
        Reference(json, "user"),
        HistoryId(json, "current_history_id"),
        MiB(json, "used"),
        MiB(json, "referenced"),
        MiB(json, "avail"));

    /// <param name="datasetId">The dataset that was asked about.</param>
    public static Snapshot Snapshot(ObjectReader json, long datasetId)
    {
        var dataset = Reference(json, "dataset");
        if (dataset is not null && dataset.Id != datasetId)
            throw json.Wrong("dataset", $"dataset {datasetId}, which was asked about");
        return new Snapshot(
            json.Id("id"),
            datasetId,
            dataset?.Label,
            json.Name("name", LongText),
            json.Time("created_at"),
            HistoryId(json, "history_id"),
            json.OptionalText("label", LongText));
    }

    public static SnapshotDownload Download(ObjectReader json) => new(
        json.Id("id"),
        Reference(json, "user"),
        Reference(json, "snapshot"),
        Reference(json, "from_snapshot"),
        Format(json),
        json.Name("file_name", ShortText),
        json.WebAddress("url"),
        MiB(json, "size"),
        Sha256(json),
        json.Boolean("ready"),
        json.OptionalTime("expiration_date"));

    public static TransactionChain Chain(ObjectReader json) => new(
        json.Id("id"),
        json.OptionalText("name", ShortText),
        json.OptionalText("label", LongText),
        json.Name("state", ShortText),
        (int)json.Integer("size", 0, int.MaxValue),
        (int)json.Integer("progress", 0, int.MaxValue),
        json.OptionalTime("created_at"));

    /// <summary>The name of a format on the wire.</summary>
    public static string WireName(ExportFormat format) => format switch
    {
        ExportFormat.Archive => "archive",
        ExportFormat.Stream => "stream",
        ExportFormat.IncrementalStream => "incremental_stream",
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
    };

    private static ExportFormat Format(ObjectReader json) => json.Name("format", ShortText) switch
    {
        "archive" => ExportFormat.Archive,
        "stream" => ExportFormat.Stream,
        "incremental_stream" => ExportFormat.IncrementalStream,
        _ => throw json.Wrong("format", "archive, stream or incremental_stream"),
    };

    private static string? Sha256(ObjectReader json) => json.OptionalName("sha256sum", ShortText) switch
    {
        null => null,
        { Length: 64 } hex when hex.All(char.IsAsciiHexDigit) => hex.ToLowerInvariant(),
        _ => throw json.Wrong("sha256sum", "64 hexadecimal digits"),
    };

    private static Reference? Reference(ObjectReader json, string field) =>
        json.Association(field) is { } target ? new Reference(target.Id, target.Label) : null;

    private static int HistoryId(ObjectReader json, string field) => (int)json.Integer(field, 0, int.MaxValue);

    private static long? MiB(ObjectReader json, string field) => json.OptionalInteger(field, 0, MaxMiB);
}
