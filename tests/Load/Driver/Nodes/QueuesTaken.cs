using NATS.Client.Core;

namespace VpsAdmin.Load.Nodes;

/// <summary>Hears from the broker which queues of nodes somebody reads: it says so of each consumer that it makes.</summary>
internal sealed class QueuesTaken : IAsyncDisposable
{
    private const string Made = "$JS.EVENT.ADVISORY.CONSUMER.CREATED.VPSADMIN_WORK.*";

    private readonly NatsConnection _connection;
    private readonly HashSet<string> _taken = [];

    private QueuesTaken(NatsConnection connection) => _connection = connection;

    public static async Task<QueuesTaken> ListenAsync(string broker)
    {
        var connection = new NatsConnection(new NatsOpts { Url = broker });
        await connection.ConnectAsync();
        return new(connection);
    }

    /// <summary>Returns when so many are read; to be called before the first is taken.</summary>
    public async Task WaitAsync(int queues, CancellationToken cancel)
    {
        await foreach (var message in _connection.SubscribeAsync<byte[]>(Made, cancellationToken: cancel))
        {
            if (_taken.Add(message.Subject) && _taken.Count == queues)
                return;
        }
    }

    public ValueTask DisposeAsync() => _connection.DisposeAsync();
}
