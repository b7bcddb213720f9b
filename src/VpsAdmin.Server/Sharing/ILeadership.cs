namespace VpsAdmin.Server.Sharing;

/// <summary>Which of the servers on one database runs chains and does what comes from time to time.</summary>
internal interface ILeadership
{
    /// <summary>Completes when it is this server.</summary>
    Task<ITerm> TakeAsync(CancellationToken cancel);
}

/// <summary>The time in which this server is the one; disposing it makes room for another.</summary>
internal interface ITerm : IAsyncDisposable
{
    /// <summary>Another may be the one soon: whatever is done as the one has to end now.</summary>
    CancellationToken Lost { get; }
}

/// <summary>There is no other server: the lock of the data folder keeps it away.</summary>
internal sealed class OnlyServer : ILeadership, ITerm
{
    public CancellationToken Lost => CancellationToken.None;

    public Task<ITerm> TakeAsync(CancellationToken cancel) => Task.FromResult<ITerm>(this);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
