using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

/// <summary>A ZFS property that the API sets.</summary>
/// <param name="Default">What a dataset has when neither it nor one above it says otherwise.</param>
/// <param name="Zfs">A value as <c>zfs set</c> takes it.</param>
/// <param name="IsInherited">A quota is of one dataset.</param>
internal sealed record DatasetProperty(InputParameter Parameter, object Default, Func<JsonNode, string> Zfs, bool IsInherited = true)
{
    public string Name => Parameter.Name;
}

/// <summary>The properties of datasets (spec 1.3): what the API calls them, and what is set where.</summary>
internal static class DatasetProperties
{
    /// <summary>8 EiB, what ZFS can count, in MiB.</summary>
    private const long LargestMiB = long.MaxValue / Mebibytes.Bytes;

    public static IReadOnlyList<DatasetProperty> All { get; } =
    [
        new(Flag("atime", "Access time", "Update the time of access when a file is read"), true, OnOff),
        new(Flag("compression", "Compression", "Compress what is written"), false, OnOff),
        new(new("recordsize", ParameterType.Integer, "Record size")
        {
            Min = 4096, Max = 131072, Description = "Bytes, a power of two; of files written from then on",
        }, 131072L, Number),
        new(MiB("quota", "Quota", "With snapshots and datasets below"), 0L, Size, IsInherited: false),
        new(MiB("refquota", "Reference quota", "Without snapshots and datasets below"), 0L, Size, IsInherited: false),
        new(Flag("relatime", "Relative access time", "Update the time of access once a day at most"), false, OnOff),
        new(new("sync", ParameterType.String, "Sync") { Choices = ["standard", "disabled"], Description = "Whether to wait for what programs want written at once" }, "standard", Text),
        new(new("sharenfs", ParameterType.String, "NFS share") { AdminOnly = true, Description = "Options of the share; off: none" }, "off", Text),
    ];

    /// <summary>As inputs of create and update.</summary>
    public static IEnumerable<InputParameter> Inputs => All.Select(static p => p.Parameter);

    /// <summary>As outputs.</summary>
    public static IEnumerable<OutputParameter<T>> Outputs<T>(Func<T, IReadOnlyDictionary<string, JsonNode>> values) => All.Select(p =>
        new OutputParameter<T>(p.Name, p.Parameter.Type, p.Parameter.Label, item => values(item).TryGetValue(p.Name, out var value) ? value : JsonSerializer.SerializeToNode(p.Default))
        {
            Description = p.Parameter.Description, AdminOnly = p.Parameter.AdminOnly,
        });

    /// <exception cref="ActionRefusedException">The pool wants a reference quota, and the dataset would have none.</exception>
    public static void RequireRefquota(Pool pool, IReadOnlyDictionary<string, JsonNode> values)
    {
        if (pool.RefquotaCheck && !(values.TryGetValue("refquota", out var refquota) && (long)refquota > 0))
            throw ActionRefusedException.Invalid("refquota", "is required on this pool");
    }

    /// <summary>The limits of a VPS's root dataset are what its owner was given; below it they divide that as they like.</summary>
    /// <exception cref="ActionRefusedException">The caller is no administrator, and a limit of a dataset without a parent would change.</exception>
    public static void RequireOwnLimits(Caller caller, Dataset dataset, IEnumerable<string> changed)
    {
        if (!caller.IsAdmin && dataset.ParentId is null && changed.FirstOrDefault(static name => name is "quota" or "refquota") is { } limit)
            throw ActionRefusedException.Invalid(limit, "of a root dataset is set by administrators");
    }

    /// <summary>What the client sent of them.</summary>
    /// <exception cref="ActionRefusedException">A value that ZFS would not take.</exception>
    public static IReadOnlyDictionary<string, JsonNode> Read(InputValues input)
    {
        var read = new Dictionary<string, JsonNode>();
        foreach (var property in All.Where(p => input.Has(p.Name)))
        {
            read[property.Name] = property.Parameter.Type switch
            {
                ParameterType.Boolean => JsonValue.Create(input.Boolean(property.Name)!.Value),
                ParameterType.Integer => JsonValue.Create(input.Integer(property.Name)!.Value),
                _ => JsonValue.Create(input.Text(property.Name))!,
            };
        }
        if (read.TryGetValue("recordsize", out var size) && !long.IsPow2((long)size))
            throw ActionRefusedException.Invalid("recordsize", "must be a power of two");
        if (read.TryGetValue("sharenfs", out var share) && ((string)share!).Any(static c => char.IsControl(c)))
            throw ActionRefusedException.Invalid("sharenfs", "has control characters in it");
        return read;
    }

    /// <summary>Values as <c>zfs set</c> takes them; of properties that are not set: null, to inherit.</summary>
    public static Dictionary<string, string?> ToZfs(IEnumerable<string> names, IReadOnlyDictionary<string, JsonNode> values) =>
        names.ToDictionary(static name => name, name => values.TryGetValue(name, out var value) ? All.Single(p => p.Name == name).Zfs(value) : null);

    /// <summary>What is set on a dataset itself.</summary>
    public static Dictionary<string, JsonNode> Local(Dataset dataset) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonNode>>(dataset.LocalProperties) ?? [];

    /// <summary>What a dataset has: its own, and of what can be inherited the nearest above it. Whoever is not in it has the default.</summary>
    /// <param name="line">The dataset and those above it, nearest first.</param>
    public static IReadOnlyDictionary<string, JsonNode> Effective(IEnumerable<Dataset> line)
    {
        var effective = new Dictionary<string, JsonNode>();
        var isOwn = true;
        foreach (var dataset in line)
        {
            foreach (var (name, value) in Local(dataset))
            {
                if (isOwn || All.Single(p => p.Name == name).IsInherited)
                    effective.TryAdd(name, value);
            }
            isOwn = false;
        }
        return effective;
    }

    private static InputParameter Flag(string name, string label, string description) => new(name, ParameterType.Boolean, label) { Description = description };

    private static InputParameter MiB(string name, string label, string description) =>
        new(name, ParameterType.Integer, label) { Min = 0, Max = LargestMiB, Description = $"MiB; 0: no limit. {description}" };

    private static string OnOff(JsonNode value) => (bool)value ? "on" : "off";

    private static string Number(JsonNode value) => ((long)value).ToString(CultureInfo.InvariantCulture);

    private static string Size(JsonNode value) => (long)value is > 0 and var size ? (size * Mebibytes.Bytes).ToString(CultureInfo.InvariantCulture) : "none";

    private static string Text(JsonNode value) => (string)value!;
}
