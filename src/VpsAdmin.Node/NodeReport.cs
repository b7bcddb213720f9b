namespace VpsAdmin.Node;

/// <summary>What a node tells, until it is dealt with: one that is not comes again.</summary>
public abstract class NodeReport(NodeEvent nodeEvent)
{
    public NodeEvent Event => nodeEvent;

    /// <summary>The work whose end it is can come back no more when <paramref name="deal"/> begins, and it itself when that has come to its end.</summary>
    public abstract Task DealAsync(Func<NodeEvent, Task> deal, CancellationToken cancel);
}

/// <summary>One that nobody else keeps.</summary>
public sealed class PlainReport(NodeEvent nodeEvent) : NodeReport(nodeEvent)
{
    public override Task DealAsync(Func<NodeEvent, Task> deal, CancellationToken cancel) => deal(Event);
}
