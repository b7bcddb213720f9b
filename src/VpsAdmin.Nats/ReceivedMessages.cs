using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using VpsAdmin.Node;

namespace VpsAdmin.Nats;

/// <summary>What others wrote, as it comes from the broker. Pure.</summary>
internal static class ReceivedMessages
{
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false };

    /// <summary>What a node tells of its work; the broker's permissions see to it that the subject is the node's own.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static (long NodeId, NodeEvent Event) Event(string subject, byte[]? data)
    {
        var parsed = Subjects.ParseEvent(subject) ?? throw new JsonException("its subject is none of an event");
        return (parsed.NodeId, parsed.Kind switch
        {
            EventKind.Finished => End(data),
            EventKind.Sent => Read(data, NodeJson.Default.TransferProgressed),
            _ => Read(data, NodeJson.Default.ExportProgressed),
        });
    }

    /// <summary>The end of work.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static TransactionFinished End(byte[]? data) => Read(data, NodeJson.Default.TransactionFinished);

    /// <summary>Work for a node.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static TransactionMessage Work(byte[]? data) => Read(data, NodeJson.Default.TransactionMessage);

    /// <summary>What a node says of itself when it starts.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static NodeHello Hello(string subject, byte[]? data)
    {
        var hello = Read(data, NatsJson.Default.NodeHello);
        // Who may publish on what is the broker's matter: a node can only introduce itself.
        return Subjects.Introduction(hello.Name) == subject ? hello : throw new JsonException($"it is of {hello.Name}");
    }

    /// <summary>What the server says of itself to a node.</summary>
    /// <exception cref="JsonException">It is none.</exception>
    public static NodeWelcome Welcome(byte[]? data) => Read(data, NatsJson.Default.NodeWelcome);

    /// <summary>Nodes of JSON inside of a record are looked into later only, and say it in other ways then that a name is there twice.</summary>
    private static T Read<T>(byte[]? data, JsonTypeInfo<T> type) where T : class
    {
        using var document = JsonDocument.Parse(data, Strict);
        return document.Deserialize(type) ?? throw new JsonException("it is empty");
    }
}
