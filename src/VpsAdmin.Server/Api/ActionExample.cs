using System.Text.Json.Nodes;

namespace VpsAdmin.Server.Api;

/// <summary>One call of an action and its answer, for readers of the description.</summary>
public sealed record ActionExample(string Title)
{
    public string? Comment { get; init; }

    /// <summary>Ids for the action's path, left to right.</summary>
    public IReadOnlyList<long> PathIds { get; init; } = [];

    /// <summary>What stands under the namespace of the input; null: no input.</summary>
    public JsonNode? Request { get; init; }

    /// <summary>What stands under the namespace of the output.</summary>
    public JsonNode? Response { get; init; }

    /// <summary>Set in examples of a failure.</summary>
    public string? Message { get; init; }
}
