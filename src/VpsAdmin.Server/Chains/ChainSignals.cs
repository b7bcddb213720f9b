using System.Threading.Channels;

namespace VpsAdmin.Server.Chains;

/// <summary>Tells the engine of new chains, and others of what became of chains.</summary>
public sealed class ChainSignals
{
    /// <summary>Those who follow one chain are woken with those of few others, and nothing has to be kept for each chain.</summary>
    private const int Groups = 1024;

    private readonly string _server = Guid.NewGuid().ToString("N");
    private readonly TaskCompletionSource[] _groups = [.. Enumerable.Range(0, Groups).Select(static _ => NewSource())];
    private Channel<WaitingChain>? _waiting;
    private Channel<ChainNews>? _untold;
    private TaskCompletionSource _changed = NewSource();
    private TaskCompletionSource _exportEnded = NewSource();
    private TaskCompletionSource _plansChanged = NewSource();

    /// <summary>In place of a chain's id: any of them may wait, nobody knows.</summary>
    internal const long AnyChain = 0;

    /// <summary>
    /// Chains that wait for the engine from now on, until cancelled: a server that does not run chains any more must not keep what others start.
    /// One listener: a former one hears nothing any more.
    /// </summary>
    internal ChannelReader<WaitingChain> HearWaiting(CancellationToken cancel)
    {
        var waiting = Channel.CreateUnbounded<WaitingChain>(new() { SingleReader = true });
        Interlocked.Exchange(ref _waiting, waiting)?.Writer.TryComplete();
        cancel.Register(() =>
        {
            Interlocked.CompareExchange(ref _waiting, null, waiting);
            waiting.Writer.TryComplete();
        });
        return waiting.Reader;
    }

    /// <summary>Whether the engine of this server runs: what is started here need not be told to others.</summary>
    internal bool IsHeard => Volatile.Read(ref _waiting) is not null;

    /// <returns>False: the engine does not run here, or not any more.</returns>
    internal bool Started(long chainId) => Wait(new(chainId, IsNew: true));

    internal void CalledOff(long chainId) => Wait(new(chainId, IsNew: false));

    /// <summary>What this server has to tell others from now on, until cancelled; nothing where nobody listens, for there are no others.</summary>
    internal ChannelReader<ChainNews> HearUntold(CancellationToken cancel)
    {
        var untold = Channel.CreateUnbounded<ChainNews>(new() { SingleReader = true });
        Volatile.Write(ref _untold, untold);
        cancel.Register(() => untold.Writer.TryComplete());
        return untold.Reader;
    }

    /// <summary>Tells the other servers in a while.</summary>
    internal void Tell(ChainNews news) => Volatile.Read(ref _untold)?.Writer.TryWrite(news);

    /// <param name="chainId">Null: something else changed that chains are started by.</param>
    internal void Changed(long? chainId)
    {
        if (chainId is { } id)
            Signal(ref _groups[Group(id)]);
        else
            Signal(ref _plansChanged);
        Signal(ref _changed);
    }

    internal void ExportEnded() => Signal(ref _exportEnded);

    /// <summary>What another server did.</summary>
    internal void Hear(ChainNews news)
    {
        if (news.Teller == _server)
            return;
        switch (news.Kind)
        {
            case ChainNewsKind.Started:
                Started(news.ChainId);
                break;
            case ChainNewsKind.CalledOff:
                CalledOff(news.ChainId);
                break;
            case ChainNewsKind.Changed:
                Changed(news.ChainId == AnyChain ? null : news.ChainId);
                break;
            case ChainNewsKind.ExportEnded:
                ExportEnded();
                break;
        }
    }

    /// <summary>Other servers were not heard for a while: anything may have happened.</summary>
    internal void HeardNothing()
    {
        for (var group = 0; group < Groups; group++)
            Signal(ref _groups[group]);
        Changed(null);
        ExportEnded();
        Wait(new(AnyChain, IsNew: false));
    }

    /// <summary>What this server did, in words for the others.</summary>
    internal ChainNews News(ChainNewsKind kind, long chainId = AnyChain) => new(_server, kind, chainId);

    /// <summary>Completes with the next change of any chain, or of a migration plan. Take it before looking at the database, so that no change is missed.</summary>
    public Task NextChange => Volatile.Read(ref _changed).Task;

    /// <summary>Completes with the next change of this chain, and sometimes of another. To be taken like <see cref="NextChange"/>.</summary>
    public Task NextChangeOf(long chainId) => Volatile.Read(ref _groups[Group(chainId)]).Task;

    /// <summary>Completes with the next change of a migration plan, and not of chains. To be taken like <see cref="NextChange"/>.</summary>
    public Task NextChangeOfPlans => Volatile.Read(ref _plansChanged).Task;

    /// <summary>Completes when the next chain that makes a download has ended. To be taken like <see cref="NextChange"/>.</summary>
    public Task NextExportEnd => Volatile.Read(ref _exportEnded).Task;

    private bool Wait(WaitingChain chain) => Volatile.Read(ref _waiting)?.Writer.TryWrite(chain) is true;

    private static int Group(long chainId) => (int)(chainId & (Groups - 1));

    private static void Signal(ref TaskCompletionSource source) => Interlocked.Exchange(ref source, NewSource()).SetResult();

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <param name="IsNew">It was built just now; else it was called off.</param>
internal readonly record struct WaitingChain(long Id, bool IsNew);
