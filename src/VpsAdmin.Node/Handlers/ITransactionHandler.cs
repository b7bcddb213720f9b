using System.Text.Json.Nodes;

namespace VpsAdmin.Node.Handlers;

/// <summary>
/// Does one kind of work, and undoes it. Both may come again after they were done, or half done by a node that died; both then find what
/// is done. What a cancelled one leaves behind, the next one finds and removes.
/// </summary>
public interface ITransactionHandler
{
    TransactionType Type { get; }

    /// <returns>The output record of the type as JSON; null for types without one.</returns>
    Task<JsonNode?> ExecuteAsync(TransactionMessage message, CancellationToken cancel);

    /// <summary>Also for work that failed, or was never begun.</summary>
    Task RollbackAsync(TransactionMessage message, CancellationToken cancel);
}
