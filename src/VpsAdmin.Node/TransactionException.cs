using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node;

/// <summary>A transaction cannot be done. The message says what happened and to what, is shown to people, and holds no secret.</summary>
public sealed class TransactionException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>What the server has to know of a failure besides.</summary>
    internal JsonNode? Output { get; init; }

    /// <summary>What is told about any failure. An error of zfs has the command, its exit status and its last words in it.</summary>
    internal static string Describe(Exception exception) => exception switch
    {
        TransactionException or ZfsException => exception.Message,
        JsonException => $"The input of the transaction is not understood: {exception.Message}",
        _ => $"{exception.GetType().Name}: {exception.Message}",
    };
}
