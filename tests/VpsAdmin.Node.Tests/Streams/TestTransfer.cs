using VpsAdmin.Node.Streams;

namespace VpsAdmin.Node.Tests.Streams;

/// <summary>The three transactions of one transfer of the dataset 101 from the first node to the second.</summary>
internal sealed class TestTransfer
{
    public const string Branch = "101/tree.0/branch-a.0";

    private readonly PairedNodes _nodes;

    /// <param name="address">What the sender is told of the receiver; null: where it is.</param>
    public TestTransfer(PairedNodes nodes, string? from, string[] snapshots, string? address = null, SenderCredential? sender = null)
    {
        _nodes = nodes;
        Credentials = StreamCredentials.Create();
        var transfer = Credentials.Transfer;
        Receive = nodes.Message(TransactionType.ReceiveSnapshots, new ReceiveSnapshotsInput(transfer, nodes.FarFilesystem, Branch, from, snapshots, Credentials.Receiver));
        Send = nodes.Message(
            TransactionType.SendSnapshots, new SendSnapshotsInput(transfer, nodes.Filesystem, "101", from, snapshots, address ?? nodes.Address, sender ?? Credentials.Sender));
        Check = nodes.Message(TransactionType.CheckReceived, new CheckReceivedInput(transfer, nodes.FarFilesystem, Branch, snapshots));
    }

    public StreamCredentials Credentials { get; }

    public TransactionMessage Receive { get; }

    public TransactionMessage Send { get; }

    public TransactionMessage Check { get; }

    public async Task SucceedAsync()
    {
        await AwaitAsync();
        foreach (var (node, work) in new[] { (PairedNodes.Near, Send), (PairedNodes.Far, Check) })
        {
            var finished = await _nodes.RunAsync(node, work);
            Assert.True(finished.Success, finished.Error);
        }
    }

    /// <summary>Has the second node await it.</summary>
    public async Task AwaitAsync() => Assert.Null((await _nodes.RunAsync(PairedNodes.Far, Receive)).Error);

    /// <returns>What the sending node says of the failure.</returns>
    public async Task<string> FailAsync()
    {
        await AwaitAsync();
        return Assert.IsType<string>((await _nodes.RunAsync(PairedNodes.Near, Send)).Error);
    }

    /// <summary>Undoes it as a chain does: the sender first.</summary>
    public async Task UndoAsync()
    {
        Assert.Null((await _nodes.RunAsync(PairedNodes.Near, Send with { Rollback = true, Queue = "rollback" })).Error);
        Assert.Null((await _nodes.RunAsync(PairedNodes.Far, Receive with { Rollback = true, Queue = "rollback" })).Error);
    }
}
