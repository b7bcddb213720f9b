using System.Security.Cryptography;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;

namespace VpsAdmin.Server.Data;

/// <summary>Work on nodes that succeeds or is undone as a whole. Its id is the id of the action state that clients follow.</summary>
public sealed class TransactionChain
{
    public long Id { get; init; }

    /// <summary>Such as <c>full_download</c>.</summary>
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public required string Label { get; init; }

    public long UserId { get; init; }
    public User User { get; init; } = null!;

    /// <summary>The login (<see cref="UserSession"/>) that it was asked for in; null: nobody asked. The login may be gone.</summary>
    public long? SessionId { get; init; }

    /// <summary>The only dataset whose rows it reads and changes: it goes on beside chains that are about others. Null: it may be about any.</summary>
    public long? DatasetId { get; init; }

    public required ChainState State { get; set; }

    /// <summary>Number of transactions.</summary>
    public int Size { get; set; }

    /// <summary>Number of transactions finished and not undone.</summary>
    public int Progress { get; set; }

    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; set; }
    public List<Transaction> Transactions { get; } = [];

    /// <summary>Whether what it concerns is changed, or turned into something else.</summary>
    public ConcernType ConcernType { get; set; }

    public List<ChainConcern> Concerns { get; } = [];

    public List<ChainStep> Steps() => Transactions.ConvertAll(static t => t.AsStep());

    /// <summary>What a move makes of it and its transactions.</summary>
    public void Apply(ChainMove move, DateTimeOffset now)
    {
        foreach (var (transaction, state) in Transactions.Zip(move.Steps))
        {
            if (state is StepState.Running)
                transaction.StartedAt ??= now;
            else if (transaction.State is StepState.Running)
                transaction.FinishedAt = now;
            transaction.State = state;
        }
        (State, Progress, UpdatedAt) = (move.State, ChainMachine.Progress(Steps()), now);
    }

    /// <summary>Whether it makes a download.</summary>
    public bool IsExport() => Transactions.Exists(static t => t.Type is TransactionType.DownloadSnapshot);
}

public enum ConcernType
{
    Affect = 0,
    Transform = 1,
}

/// <summary>An object that a chain is about, for people who look for what was done to it.</summary>
public sealed class ChainConcern
{
    public long Id { get; init; }
    public long ChainId { get; init; }
    public TransactionChain Chain { get; init; } = null!;

    /// <summary>vpsAdmin's name of the kind, such as <c>Snapshot</c>.</summary>
    public required string ClassName { get; init; }

    public required long RowId { get; init; }
}

/// <summary>One piece of a chain's work, for one node.</summary>
public sealed class Transaction
{
    public long Id { get; init; }
    public long ChainId { get; init; }
    public TransactionChain Chain { get; init; } = null!;

    /// <summary>
    /// Random. A database that was put back from a copy counts on from an old number: this tells what it makes then from what had the same id
    /// before. Null: made by a server that had none.
    /// </summary>
    public string? Nonce { get; init; } = RandomNumberGenerator.GetHexString(16, lowercase: true);

    /// <summary>Place in the chain, from 0.</summary>
    public required int Position { get; init; }

    public long NodeId { get; init; }
    public Node Node { get; init; } = null!;
    public required TransactionType Type { get; init; }
    public required string Queue { get; init; }
    public required FailurePolicy OnFailure { get; set; }

    /// <summary>The node's input record, JSON.</summary>
    public required string Input { get; init; }

    /// <summary>Properties of the input that nobody is shown, JSON; null: there are none, or the chain has ended.</summary>
    public string? Secret { get; set; }

    /// <summary>Id of the row that the output is saved to, for types with output.</summary>
    public long? SubjectId { get; init; }

    public StepState State { get; set; }
    public string? Output { get; set; }

    /// <summary>Bytes sent so far, where it is a transfer to another node.</summary>
    public long? SentBytes { get; set; }

    /// <summary>When it was first handed to its node.</summary>
    public DateTimeOffset? StartedAt { get; set; }

    /// <summary>When its node first reported on it.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>What the node said about the failure; null also when somebody called it off.</summary>
    public string? Error { get; set; }

    public List<Confirmation> Confirmations { get; } = [];

    /// <summary>What decides how its chain goes on.</summary>
    public ChainStep AsStep()
    {
        var traits = TransactionTraits.Of(Type);
        return new(State, OnFailure, traits.CanInterrupt, traits.UndoLosesNothing);
    }
}

/// <summary>A row that a chain keeps for itself. Never waited for.</summary>
public sealed class ResourceLock
{
    public long Id { get; init; }
    public long ChainId { get; init; }
    public TransactionChain Chain { get; init; } = null!;

    /// <summary>Name of the entity type.</summary>
    public required string Resource { get; init; }

    public required long RowId { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
}
