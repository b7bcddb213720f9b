using System.Management.Automation;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that waits for asynchronous work and stops it within a moment when it is stopped itself.</summary>
public abstract class VpsCmdlet : PSCmdlet, IDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stop = new();
    private bool _disposed;

    private protected CancellationToken StopToken => _stop.Token;

    private protected static TimeProvider Time => TimeProvider.System;

    /// <summary>Waits for work that has something to say.</summary>
    private protected T Await<T>(Func<PipelineMessages, CancellationToken, Task<T>> work, ByteSource? bytes = null) =>
        new PipelineBridge(this, StopToken).Run(work, bytes);

    private protected T Await<T>(Func<CancellationToken, Task<T>> work) => Await((_, cancel) => work(cancel));

    private protected void Await(Func<CancellationToken, Task> work) =>
        Await<object?>(async (_, cancel) =>
        {
            await work(cancel).ConfigureAwait(false);
            return null;
        });

    /// <summary>Does something for one input. What may go wrong there is a non-terminating error about <paramref name="target"/>.</summary>
    private protected void Attempt(object? target, Action action)
    {
        try
        {
            action();
        }
        catch (Exception e) when (Errors.TryDescribe(e, target) is { } error)
        {
            WriteError(error);
        }
    }

    /// <summary>As <see cref="Attempt"/>, for what the rest of the command cannot do without.</summary>
    private protected T Require<T>(object? target, Func<T> function)
    {
        try
        {
            return function();
        }
        catch (Exception e) when (Errors.TryDescribe(e, target) is { } error)
        {
            ThrowTerminatingError(error);
            throw;
        }
    }

    // The engine calls this on another thread, possibly while the pipeline thread disposes of the cmdlet.
    protected override void StopProcessing()
    {
        lock (_gate)
            if (!_disposed)
                _stop.Cancel();
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed)
                return;
            _disposed = true;
            _stop.Dispose();
        }

        GC.SuppressFinalize(this);
    }
}
