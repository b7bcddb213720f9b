using VpsAdmin.Node;

namespace VpsAdmin.Server.Chains;

/// <summary>What the chain has to know of a type of transaction.</summary>
/// <param name="Queue">Where it runs when the chain says nothing else.</param>
public sealed record TransactionTraits(string Queue, FailurePolicy OnFailure)
{
    /// <summary>
    /// It can be stopped in the middle: it takes long, and nothing that was there before is touched until it is done. Others are short, and
    /// come to their end.
    /// </summary>
    public bool CanInterrupt { get; private init; }

    /// <summary>Undoing it destroys no data, so that it is undone also when a later transaction may have destroyed something.</summary>
    public bool UndoLosesNothing { get; private init; }

    /// <summary>Undoing runs here whatever the queue was.</summary>
    public const string RollbackQueue = "rollback";

    public static TransactionTraits Of(TransactionType type) => type switch
    {
        TransactionType.DownloadSnapshot => new("general", FailurePolicy.Undo) { CanInterrupt = true },
        TransactionType.RemoveDownload => new("general", FailurePolicy.Irreversible),
        TransactionType.CreateDataset => new("storage", FailurePolicy.Undo),
        TransactionType.DestroyDataset => new("storage", FailurePolicy.Irreversible),
        TransactionType.CreateSnapshot => new("storage", FailurePolicy.Undo),
        TransactionType.DestroySnapshot => new("storage", FailurePolicy.Irreversible),
        TransactionType.CreateSnapshots => new("storage", FailurePolicy.Undo),
        TransactionType.SetDataset => new("storage", FailurePolicy.Undo),
        // Of a branch that is undone all snapshots are in the old one again.
        TransactionType.BranchDataset => new("storage", FailurePolicy.Undo) { UndoLosesNothing = true },
        TransactionType.RollbackDataset => new("storage", FailurePolicy.Irreversible),
        TransactionType.LocalSend => new("zfs_recv", FailurePolicy.Undo) { CanInterrupt = true },
        // Short, but the first that a node which is away is waited for with.
        TransactionType.ReceiveSnapshots => new("zfs_recv", FailurePolicy.Undo) { CanInterrupt = true },
        TransactionType.SendSnapshots => new("zfs_send", FailurePolicy.Undo) { CanInterrupt = true },
        // Short, and somebody may stand still meanwhile: not behind exports.
        TransactionType.CheckReceived => new("storage", FailurePolicy.Undo),
        TransactionType.PrepareRollback => new("zfs_recv", FailurePolicy.Undo) { CanInterrupt = true },
        // Undone while it can be: the present filesystem is destroyed last.
        TransactionType.ApplyRollback => new("storage", FailurePolicy.Undo),
        TransactionType.StopVps => new("vps", FailurePolicy.Undo) { UndoLosesNothing = true },
        TransactionType.StartVps or TransactionType.RestartVps or TransactionType.ConfigureVps => new("vps", FailurePolicy.Undo),
        TransactionType.InstallVps => new("vps", FailurePolicy.Undo),
        TransactionType.DestroyVps => new("vps", FailurePolicy.Irreversible),
        TransactionType.SendMail => new("mail", FailurePolicy.KeepGoing),
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "Transactions of this type have no traits."),
    };
}
