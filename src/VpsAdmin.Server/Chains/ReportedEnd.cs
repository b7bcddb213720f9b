using System.Text.Json;
using VpsAdmin.Node;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>What it means for a chain that the node of one of its transactions tells the end of it.</summary>
internal static class ReportedEnd
{
    public static ChainMove Apply(TransactionChain chain, TransactionFinished finished, ILogger log)
    {
        var index = chain.Transactions.FindIndex(t => t.Id == finished.TransactionId);
        var transaction = chain.Transactions[index];
        var before = transaction.State;
        // What was called off may end in the same moment: only the answer to what was asked for last counts. And what had this number
        // before the database was put back from a copy is none of ours.
        if (finished.Nonce is { } nonce && nonce != transaction.Nonce || finished.Rollback != (before is StepState.Undoing))
        {
            log.LogInformation("Transaction {Transaction} was reported again; nobody waits for it", transaction.Id);
            return new(chain.State, chain.Transactions.ConvertAll(static t => t.State), ChainOrder.None);
        }

        var (success, error) = (finished.Success, finished.Error);
        if (success && before is StepState.Running)
        {
            try
            {
                TransactionOutput.Check(transaction, finished.Output);
            }
            catch (JsonException e)
            {
                (success, error) = (false, $"The node's answer to transaction {transaction.Id} cannot be read: {e.Message}");
            }
        }

        var move = ChainMachine.Finished(chain.State, chain.Steps(), index, success);
        if (move.Steps[index] == before)
        {
            log.LogInformation("Transaction {Transaction} was reported again; nobody waits for it", transaction.Id);
            return move;
        }

        // Of a failure, what is left of what it was to destroy.
        if (success == finished.Success && before is StepState.Running)
            transaction.Output = finished.Output?.ToJsonString();
        if (success && before is StepState.Running && TransactionOutput.Warning(transaction, finished.Output) is { } warning)
            log.LogWarning("Transaction {Transaction} ({Type}) of chain {Chain}: {Warning}", transaction.Id, transaction.Type, chain.Id, warning);
        if (!success)
        {
            transaction.Error = error;
            log.LogError("Transaction {Transaction} ({Type}) of chain {Chain} failed: {Error}", transaction.Id, transaction.Type, chain.Id, error);
        }
        return move;
    }
}
