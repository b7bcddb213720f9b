using System.Security.Authentication;
using NATS.Client.Core;
using NATS.Client.JetStream;
using NATS.Client.JetStream.Models;
using NATS.Client.KeyValueStore;
using Polly;
using Polly.Retry;
using VpsAdmin.Node;

namespace VpsAdmin.Nats;

/// <summary>A connection to the broker, which comes back by itself when it breaks.</summary>
public sealed class NatsLink : IAsyncDisposable
{
    /// <summary>Presence that is not renewed is forgotten.</summary>
    private static readonly TimeSpan PresenceLife = TimeSpan.FromSeconds(45);

    private readonly SemaphoreSlim _turn = new(1, 1);

    private NatsLink(NatsConnection connection, NatsSettings settings, TimeProvider time)
    {
        (Connection, Settings, Time) = (connection, settings, time);
        JetStream = new NatsJSContext(connection);
        Persistent = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                // The library also gives a command up after a time of its own.
                ShouldHandle = static outcome => ValueTask.FromResult(!outcome.Context.CancellationToken.IsCancellationRequested && outcome.Outcome.Exception is NatsException or OperationCanceledException),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = TimeSpan.FromMilliseconds(100),
                MaxDelay = TimeSpan.FromSeconds(10),
            })
            .Build();
    }

    /// <summary>Bytes that the headers of a message take besides, at most.</summary>
    private const int Headers = 1024;

    /// <summary>What is too large for the broker is so however often it is tried; the library has no exception of its own for it.</summary>
    /// <exception cref="UndeliverableException"/>
    internal void CheckSize(string what, byte[] data)
    {
        if (Connection.ServerInfo is { MaxPayload: > 0 } broker && data.Length + Headers > broker.MaxPayload)
            throw new UndeliverableException($"{what} is a message of {data.Length} bytes; the broker takes {broker.MaxPayload} at most (max_payload of its settings).");
    }

    internal NatsConnection Connection { get; }
    internal NatsSettings Settings { get; }
    internal TimeProvider Time { get; }
    internal INatsJSContext JetStream { get; }

    /// <summary>For what must not get lost because the broker is away for a while. Doing it twice must be harmless.</summary>
    internal ResiliencePipeline Persistent { get; }

    public bool IsUp => Connection.ConnectionState is NatsConnectionState.Open;

    /// <param name="name">What the broker's lists call this process.</param>
    /// <exception cref="NatsException">The broker cannot be reached, or refuses the credentials.</exception>
    /// <exception cref="IOException">A file of the settings cannot be read.</exception>
    /// <exception cref="InvalidDataException">The credentials are not understood.</exception>
    public static async Task<NatsLink> ConnectAsync(NatsSettings settings, string name, TimeProvider time, CancellationToken cancel)
    {
        var connection = new NatsConnection(settings.Options(name));
        try
        {
            await connection.ConnectAsync().AsTask().WaitAsync(cancel).ConfigureAwait(false);
            return new NatsLink(connection, settings, time);
        }
        catch (Exception e)
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            // The library says no more than that it could not connect.
            if (e is NatsException && e.GetBaseException() is AuthenticationException cause)
                throw new NatsException($"{cause.Message} {settings.CertificateAdvice}", e);
            throw;
        }
    }

    /// <summary>
    /// Makes what messages are kept in. One message of a subject, and new ones refused: work that is dispatched again while it is under
    /// way changes nothing, however long that is after the first time.
    /// </summary>
    /// <returns>Work and events.</returns>
    internal async Task<(INatsJSStream Work, INatsJSStream Events)> PrepareAsync(CancellationToken cancel)
    {
        var work = await JetStream.CreateOrUpdateStreamAsync(
            new StreamConfig(Subjects.WorkStream, [Subjects.AllWork])
            {
                Description = "Transactions for nodes, until they are done",
                Retention = StreamConfigRetention.Workqueue,
                Discard = StreamConfigDiscard.New,
                MaxMsgsPerSubject = 1,
                DiscardNewPerSubject = true,
                NumReplicas = Settings.Replicas,
            },
            cancel).ConfigureAwait(false);
        var events = await JetStream.CreateOrUpdateStreamAsync(
            new StreamConfig(Subjects.EventStream, [Subjects.AllEvents]) { Description = "What nodes report, until the server has saved it", Retention = StreamConfigRetention.Workqueue, NumReplicas = Settings.Replicas },
            cancel).ConfigureAwait(false);
        await new NatsKVContext(JetStream).CreateOrUpdateStoreAsync(
            new NatsKVConfig(Subjects.PresenceBucket) { Description = "Nodes that are there", MaxAge = PresenceLife, History = 1, Storage = NatsKVStorageType.Memory, NumberOfReplicas = Settings.Replicas },
            cancel).ConfigureAwait(false);
        return (work, events);
    }

    /// <summary>Asks for something that is of no use later. While the connection is being made again the library waits for it without an end, and whoever asks does not.</summary>
    /// <exception cref="NatsException">There is no answer within the time.</exception>
    internal async Task<T> AskAsync<T>(Func<CancellationToken, ValueTask<T>> ask, TimeSpan patience, CancellationToken cancel)
    {
        using var late = new CancellationTokenSource(patience, Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancel, late.Token);
        try
        {
            return await ask(either.Token).AsTask().WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new NatsException("The broker does not answer.", e);
        }
    }

    /// <summary>
    /// The consumer made anew, so that what the former reader left unacknowledged comes at once, and not when patience with it has ended.
    /// </summary>
    /// <remarks>
    /// A broker that a thousand nodes turn to at once answers late, when it was asked again already. So what it has done is never undone by another attempt: the former
    /// consumer goes once, and making the same one again changes nothing. And a node asks for one thing after another.
    /// </remarks>
    internal async Task<INatsJSConsumer> TakeConsumerAsync(string stream, ConsumerConfig config, CancellationToken cancel)
    {
        await Persistent.ExecuteAsync(async token => await InTurnAsync(() => RemoveConsumerAsync(stream, config.DurableName!, token), token).ConfigureAwait(false), cancel).ConfigureAwait(false);
        return await Persistent.ExecuteAsync(
            async token => await InTurnAsync(() => JetStream.CreateOrUpdateConsumerAsync(stream, config, token), token).ConfigureAwait(false), cancel).ConfigureAwait(false);
    }

    private async Task<T> InTurnAsync<T>(Func<ValueTask<T>> ask, CancellationToken cancel)
    {
        await _turn.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            return await ask().ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <returns>False: there was none.</returns>
    private async ValueTask<bool> RemoveConsumerAsync(string stream, string name, CancellationToken cancel)
    {
        try
        {
            return await JetStream.DeleteConsumerAsync(stream, name, cancel).ConfigureAwait(false);
        }
        catch (NatsJSApiException e) when (e.Error.Code == 404)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync().ConfigureAwait(false);
        _turn.Dispose();
    }
}
