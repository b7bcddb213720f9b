using System.Net;
using Polly;
using Polly.Retry;
using VpsAdmin.HaveApi;

namespace VpsAdmin.Transfer.Pump;

/// <summary>
/// Bears faults within the limits of <see cref="TransferOptions"/>. Each <see cref="ExecuteAsync"/> begins with a full budget: whoever gained
/// bytes, or got a sane answer, returns and starts anew.
/// </summary>
internal sealed class Faults
{
    private static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(0.5);
    private static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(2);

    private readonly TransferOptions _options;
    private readonly TimeProvider _time;
    private readonly Action<TransferFault, TimeSpan> _onRetry;
    private readonly ResiliencePipeline _pipeline;
    private long? _firstFaultAt;
    private int _faults;

    /// <param name="onRetry">Told of each fault that is borne, and how long the pause is.</param>
    public Faults(TransferOptions options, TimeProvider time, Action<TransferFault, TimeSpan> onRetry)
    {
        _options = options;
        _time = time;
        _onRetry = onRetry;
        _pipeline = options.RetryCount == 0 ? ResiliencePipeline.Empty : BuildPipeline();
    }

    /// <summary>Runs <paramref name="step"/> until it returns, or throws anything but a <see cref="TransferFault"/>.</summary>
    /// <exception cref="TransferException">The budget is used up.</exception>
    public async Task<T> ExecuteAsync<T>(Func<CancellationToken, Task<T>> step, CancellationToken cancel)
    {
        _firstFaultAt = null;
        _faults = 0;
        try
        {
            return await _pipeline.ExecuteAsync(
                static async (step, cancel) => await step(cancel).ConfigureAwait(false), step, cancel).ConfigureAwait(false);
        }
        catch (TransferFault fault)
        {
            throw new TransferException(fault.FinalFailure, $"{fault.Message.TrimEnd('.')}. {Surrender()}", fault);
        }
    }

    /// <summary>What an error of the API means.</summary>
    /// <param name="doing">What it should have done, such as <c>reading the state of download 7</c>.</param>
    /// <returns>A <see cref="TransferFault"/> when another try makes sense, else a <see cref="TransferException"/>.</returns>
    public static Exception FromApi(HaveApiException error, string doing) => error switch
    {
        ApiUnreachableException e => new TransferFault($"The API cannot be reached for {doing}: {e.Message}", e, e.RetryAfter),
        ActionFailedException e when MayPass(e) => new TransferFault($"The API failed at {doing}: {e.Message}", e, e.RetryAfter),
        // A gateway's page in place of an answer (maintenance, captive portals) looks like this.
        ProtocolException e => new TransferFault($"The API's answer to {doing} made no sense: {e.Message}", e),
        _ => new TransferException(TransferFailure.BadResponse, $"The API refuses {doing}: {error.Message}", error),
    };

    /// <summary>
    /// Servers of 2016 say everything with HTTP 200 and a text (BUG-7): only a client error that this request will meet again is final.
    /// </summary>
    internal static bool MayPass(ActionFailedException error) =>
        error.IsLocked || (int)error.HttpStatus is < 400 or >= 500
        || error.HttpStatus is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425;

    private ResiliencePipeline BuildPipeline() => new ResiliencePipelineBuilder { TimeProvider = _time }
        .AddRetry(new RetryStrategyOptions
        {
            ShouldHandle = args => ValueTask.FromResult(args.Outcome.Exception is TransferFault fault && IsWithinTimeout(fault)),
            MaxRetryAttempts = _options.RetryCount,
            BackoffType = DelayBackoffType.Exponential,
            UseJitter = true,
            Delay = FirstDelay,
            MaxDelay = LongestDelay,
            DelayGenerator = static args => ValueTask.FromResult((args.Outcome.Exception as TransferFault)?.RetryAfter),
            OnRetry = args =>
            {
                _onRetry((TransferFault)args.Outcome.Exception!, args.RetryDelay);
                return ValueTask.CompletedTask;
            },
        })
        .Build();

    private bool IsWithinTimeout(TransferFault fault)
    {
        _faults++;
        _firstFaultAt ??= _time.GetTimestamp();
        return _time.GetElapsedTime(_firstFaultAt.Value) + (fault.RetryAfter ?? TimeSpan.Zero) <= _options.EffectiveRetryTimeout;
    }

    private string Surrender() => _faults > 1
        ? $"Gave up after {_faults} tries in {_time.GetElapsedTime(_firstFaultAt!.Value).TotalSeconds:0} s that brought nothing new."
        : "Did not try again.";
}
