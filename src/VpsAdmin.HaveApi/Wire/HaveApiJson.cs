using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;

namespace VpsAdmin.HaveApi.Wire;

/// <summary>Source-generated serialization of the wire types.</summary>
[JsonSourceGenerationOptions(WriteIndented = false)]
[JsonSerializable(typeof(Envelope))]
[JsonSerializable(typeof(ApiDescription))]
[JsonSerializable(typeof(ActionDescription))]
[JsonSerializable(typeof(JsonNode))]
[JsonSerializable(typeof(JsonObject))]
public sealed partial class HaveApiJson : JsonSerializerContext;
