using System.Runtime.ExceptionServices;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>Inside the client only: a call that failed at the description, before anything was sent.</summary>
internal sealed class NotSentException(HaveApiException reason) : Exception(reason.Message, reason)
{
    public HaveApiException Reason { get; } = reason;

    /// <summary>Throws the reason, with its own stack.</summary>
    public Exception Rethrow()
    {
        ExceptionDispatchInfo.Throw(Reason);
        return Reason;
    }
}
