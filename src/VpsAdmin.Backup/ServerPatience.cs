using System.Net;
using Polly;
using Polly.Retry;
using VpsAdmin.HaveApi;
using VpsAdmin.Transfer;

namespace VpsAdmin.Backup;

/// <summary>
/// Asks the server again when it cannot be reached, is under maintenance, or has locked what is asked for (BUG-17), within the budget of the
/// run: faults by number and time, locks by time alone.
/// </summary>
internal sealed class ServerPatience(TransferOptions options, TimeProvider time, Action<string> tell)
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromSeconds(30);

    /// <exception cref="BackupConflictException"><see cref="BackupOutcome.Locked"/>: for too long.</exception>
    /// <exception cref="HaveApiException">Anything else that does not pass.</exception>
    public async Task<T> AskAsync<T>(Func<CancellationToken, Task<T>> question, CancellationToken cancel)
    {
        var started = time.GetTimestamp();
        var faults = 0;
        var pipeline = new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                ShouldHandle = args => ValueTask.FromResult(
                    args.Outcome.Exception is HaveApiException e && Passes(e) && (IsLocked(e) || ++faults <= options.RetryCount)
                    && time.GetElapsedTime(started) < options.EffectiveRetryTimeout),
                MaxRetryAttempts = int.MaxValue,
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
                Delay = FirstDelay,
                MaxDelay = LongestDelay,
                OnRetry = args =>
                {
                    tell($"{args.Outcome.Exception!.Message} Next try in {args.RetryDelay.TotalSeconds:0.#} s.");
                    return ValueTask.CompletedTask;
                },
            })
            .Build();
        try
        {
            return await pipeline.ExecuteAsync(static async (question, cancel) => await question(cancel).ConfigureAwait(false), question, cancel).ConfigureAwait(false);
        }
        catch (ActionFailedException e) when (IsLocked(e))
        {
            throw new BackupConflictException(Conflicts.Locked(e.ServerMessage ?? e.Message), e);
        }
    }

    private static bool IsLocked(HaveApiException error) => error is ActionFailedException { IsLocked: true };

    private static bool Passes(HaveApiException error) => error switch
    {
        ApiUnreachableException => true,
        ActionFailedException e => e.IsLocked || e.HttpStatus is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425 or >= (HttpStatusCode)500,
        _ => false,
    };
}
