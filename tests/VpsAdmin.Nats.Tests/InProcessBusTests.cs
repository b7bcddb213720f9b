using VpsAdmin.Node;

namespace VpsAdmin.Nats.Tests;

public sealed class InProcessBusTests : BusContract
{
    private readonly InProcessBus _bus = new();

    protected override INodeBus Bus => _bus;

    protected override INodeInbox Inbox(long node) => _bus.Inbox(node);

    public override ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
