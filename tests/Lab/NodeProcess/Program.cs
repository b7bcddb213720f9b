using System.Text.Json;
using VpsAdmin.Node;
using VpsAdmin.Zfs;

// A node that can be killed: it takes one transaction from its standard input, works on it with the zfs of its PATH, writes how it ended, and goes.
var message = await JsonSerializer.DeserializeAsync(Console.OpenStandardInput(), NodeJson.Default.TransactionMessage)
    ?? throw new InvalidOperationException("There is no transaction on the standard input.");
var bus = new InProcessBus();
using var stop = new CancellationTokenSource();
var working = new NodeWorker(bus.Inbox(1), new ZfsHost(), QueueLimit.Defaults, TimeProvider.System).RunAsync(stop.Token);
await bus.DispatchAsync(1, message, stop.Token);

await foreach (var nodeEvent in bus.EventsAsync(stop.Token))
{
    if (nodeEvent is not TransactionFinished finished)
        continue;
    Console.WriteLine(JsonSerializer.Serialize(finished, NodeJson.Default.TransactionFinished));
    break;
}
await stop.CancelAsync();
await working;
