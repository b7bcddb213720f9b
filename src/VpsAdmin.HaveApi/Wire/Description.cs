using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace VpsAdmin.HaveApi.Wire;

/// <summary>One API version described: the reply to <c>OPTIONS /v7.0/</c> (spec/haveapi 2). Unknown keys are ignored.</summary>
/// <remarks>
/// Generated deserializers call every init accessor, with null for what the JSON lacks (dotnet/runtime #84484): an initializer alone
/// would not survive that, so the accessors here keep it.
/// </remarks>
public sealed record ApiDescription
{
    [JsonPropertyName("authentication")]
    public IReadOnlyDictionary<string, JsonObject> Authentication { get; init => field = value ?? field; } = new Dictionary<string, JsonObject>();

    [JsonPropertyName("resources")]
    public IReadOnlyDictionary<string, ResourceDescription> Resources { get; init => field = value ?? field; } = new Dictionary<string, ResourceDescription>();

    [JsonPropertyName("meta")]
    public MetaNamespace Meta { get; init => field = value ?? field; } = new();

    [JsonPropertyName("help")]
    public string? Help { get; init; }
}

public sealed record MetaNamespace
{
    [JsonPropertyName("namespace")]
    public string Namespace { get; init => field = value ?? field; } = "_meta";
}

public sealed record ResourceDescription
{
    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [JsonPropertyName("actions")]
    public IReadOnlyDictionary<string, ActionDescription> Actions { get; init => field = value ?? field; } = new Dictionary<string, ActionDescription>();

    [JsonPropertyName("resources")]
    public IReadOnlyDictionary<string, ResourceDescription> Resources { get; init => field = value ?? field; } = new Dictionary<string, ResourceDescription>();
}

public sealed record ActionDescription
{
    [JsonPropertyName("auth")]
    public bool Auth { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    [JsonPropertyName("aliases")]
    public IReadOnlyList<string> Aliases { get; init => field = value ?? field; } = [];

    [JsonPropertyName("blocking")]
    public bool Blocking { get; init; }

    [JsonPropertyName("input")]
    public ParametersDescription? Input { get; init; }

    [JsonPropertyName("output")]
    public ParametersDescription? Output { get; init; }

    [JsonPropertyName("meta")]
    public JsonObject? Meta { get; init; }

    [JsonPropertyName("examples")]
    public JsonArray Examples { get; init => field = value ?? field; } = [];

    [JsonPropertyName("scope")]
    public string? Scope { get; init; }

    /// <summary>URL template since protocol 2.0, <c>{dataset_id}</c>.</summary>
    [JsonPropertyName("path"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Path { get; init; }

    /// <summary>URL template of protocol 1.x, <c>:dataset_id</c>.</summary>
    [JsonPropertyName("url"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Url { get; init; }

    [JsonPropertyName("method")]
    public string Method { get; init => field = value ?? field; } = "GET";

    [JsonPropertyName("help")]
    public string? Help { get; init; }
}

public sealed record ParametersDescription
{
    [JsonPropertyName("parameters")]
    public IReadOnlyDictionary<string, ParameterDescription> Parameters { get; init => field = value ?? field; } = new Dictionary<string, ParameterDescription>();

    /// <summary><c>object</c>, <c>object_list</c>, <c>hash</c> or <c>hash_list</c>; null without parameters.</summary>
    [JsonPropertyName("layout")]
    public string? Layout { get; init; }

    /// <summary>A name, or JSON <c>false</c> for metadata blocks.</summary>
    [JsonPropertyName("namespace")]
    public JsonNode? Namespace { get; init; }
}

public sealed record ParameterDescription
{
    [JsonPropertyName("required")]
    public bool? Required { get; init; }

    [JsonPropertyName("nullable")]
    public bool? Nullable { get; init; }

    [JsonPropertyName("label")]
    public string? Label { get; init; }

    [JsonPropertyName("description")]
    public string? Description { get; init; }

    /// <summary>String, Text, Integer, Float, Boolean, Datetime, Resource or Custom.</summary>
    [JsonPropertyName("type")]
    public string Type { get; init => field = value ?? field; } = "Custom";

    [JsonPropertyName("validators"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonObject? Validators { get; init; }

    [JsonPropertyName("default"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonNode? Default { get; init; }

    /// <summary>Path of the associated resource, such as <c>["dataset","snapshot"]</c>; only for type Resource.</summary>
    [JsonPropertyName("resource"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<string>? Resource { get; init; }

    [JsonPropertyName("value_id"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ValueId { get; init; }

    [JsonPropertyName("value_label"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ValueLabel { get; init; }

    [JsonPropertyName("protected"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public bool? Protected { get; init; }
}
