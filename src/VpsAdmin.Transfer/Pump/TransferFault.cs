namespace VpsAdmin.Transfer.Pump;

/// <summary>Something that may well go better at the next try. Never leaves the pump.</summary>
/// <param name="finalFailure">What it is when all tries end like this.</param>
internal sealed class TransferFault(
    string message, Exception? inner = null, TimeSpan? retryAfter = null, TransferFailure finalFailure = TransferFailure.RetriesExhausted)
    : Exception(message, inner)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;
    public TransferFailure FinalFailure { get; } = finalFailure;
}
