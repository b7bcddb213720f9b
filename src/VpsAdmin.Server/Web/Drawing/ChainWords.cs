using VpsAdmin.Node;

namespace VpsAdmin.Server.Web.Drawing;

/// <summary>What became of chains and their steps, in plain words.</summary>
internal static class ChainWords
{
    /// <param name="state">As the API names it.</param>
    public static string OfChain(string state) => state switch
    {
        "staged" => "It is being put together.",
        "queued" => "It goes on.",
        "done" => "Everything has been done.",
        "rollbacking" => "A step failed or it was called off; what was done before is being undone.",
        "failed" => "It could not be done, or it was called off. What was done before has been undone, unless something would have been lost by that.",
        "fatal" => "It could not be done, and undoing it failed too. What it concerns stays locked until an administrator has looked.",
        "resolved" => "It could not be undone, or its node is gone; an administrator has looked, and ended it.",
        _ => "",
    };

    /// <summary>What a step does.</summary>
    /// <param name="name">As the API names it, such as <c>CreateSnapshot</c>; what has no words keeps its name.</param>
    public static string OfStep(string name) => Enum.TryParse<TransactionType>(name, out var type) ? OfStep(type) ?? name : name;

    private static string? OfStep(TransactionType type) => type switch
    {
        TransactionType.StartVps => "Start the VPS",
        TransactionType.StopVps => "Stop the VPS",
        TransactionType.RestartVps => "Restart the VPS",
        TransactionType.ConfigureVps => "Set up the VPS",
        TransactionType.InstallVps => "Install the system",
        TransactionType.DestroyVps => "Destroy the VPS",
        TransactionType.DownloadSnapshot => "Make the file",
        TransactionType.RemoveDownload => "Remove the file",
        TransactionType.CreateDataset => "Create the dataset",
        TransactionType.DestroyDataset => "Destroy the dataset",
        TransactionType.SetDataset => "Set properties of the dataset",
        TransactionType.CreateSnapshot => "Take the snapshot",
        TransactionType.CreateSnapshots => "Take snapshots at the same moment",
        TransactionType.DestroySnapshot => "Destroy the snapshot",
        TransactionType.BranchDataset => "Branch the backup",
        TransactionType.PrepareRollback => "Bring the snapshot back from its backup",
        TransactionType.RollbackDataset => "Roll the dataset back",
        TransactionType.ApplyRollback => "Put the snapshot in the dataset's place",
        TransactionType.ReceiveSnapshots => "Await snapshots from another node",
        TransactionType.SendSnapshots => "Send snapshots to another node",
        TransactionType.CheckReceived => "See that the snapshots have arrived",
        TransactionType.LocalSend => "Send snapshots to another pool",
        TransactionType.SendMail => "Send a mail",
        _ => null,
    };

    /// <summary>What a node's own words most likely mean; null: they speak for themselves.</summary>
    public static string? OfError(string error) => Meanings.FirstOrDefault(m => error.Contains(m.Words, StringComparison.OrdinalIgnoreCase)).Meaning;

    /// <summary>All that <see cref="OfError"/> may say.</summary>
    public static IEnumerable<string> OfErrors => Meanings.Select(static m => m.Meaning);

    private static readonly (string Words, string Meaning)[] Meanings =
    [
        ("out of space", "The pool is full."),
        ("no space left", "The disk that the file was written to is full."),
        ("quota exceeded", "The dataset is at its quota."),
        ("dataset is busy", "Something uses the dataset at the moment, such as a program with a file open in it."),
        ("does not exist", "What the step works on is not there: it was removed by hand, or the pool is not imported."),
        ("dataset already exists", "There is a dataset of that name that the server does not know of."),
        ("permission denied", "The node's program may not do that; it has to run as root."),
        ("I/O error", "A disk of the pool fails to read or write."),
        ("has been modified", "Somebody has written into the backup; only the server may."),
        ("has dependent clones", "A clone was made of the snapshot, and has to go first."),
    ];
}
