using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;

namespace VpsAdmin.Node.Handlers;

/// <summary>A handler that sees its input as a record.</summary>
public abstract class TransactionHandler<TInput>(TransactionType type, JsonTypeInfo<TInput> inputType) : ITransactionHandler
    where TInput : class
{
    public TransactionType Type => type;

    public Task<JsonNode?> ExecuteAsync(TransactionMessage message, CancellationToken cancel) => ExecuteAsync(message, Read(message), cancel);

    public Task RollbackAsync(TransactionMessage message, CancellationToken cancel) => RollbackAsync(message, Read(message), cancel);

    protected abstract Task<JsonNode?> ExecuteAsync(TransactionMessage message, TInput input, CancellationToken cancel);

    protected abstract Task RollbackAsync(TransactionMessage message, TInput input, CancellationToken cancel);

    private TInput Read(TransactionMessage message) =>
        message.Input.Deserialize(inputType) ?? throw new TransactionException($"Transaction {message.Id} has no input.");
}
