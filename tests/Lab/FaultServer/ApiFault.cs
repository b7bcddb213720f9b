using System.Text;
using Microsoft.AspNetCore.Http;
using VpsAdmin.Lab.Http;

namespace VpsAdmin.FaultServer;

/// <summary>What is wrong with some calls of the API. What is not said is right.</summary>
/// <param name="Call">Method and path, such as <c>GET /snapshot_downloads/*</c>; a star stands for one part, alone for any call.</param>
/// <param name="Skip">So many of them are answered first as they should be.</param>
/// <param name="Times">Then so many are not; 0: all that follow.</param>
/// <param name="Delay">Seconds before anything is done.</param>
/// <param name="Status">Refused with this HTTP status.</param>
/// <param name="Message">What the refusal says; by the protocol of 2016 with HTTP 200, where no status is given.</param>
/// <param name="RetryAfter">With the refusal: seconds, or an HTTP date.</param>
/// <param name="Body">Said instead of JSON, such as a gateway's page.</param>
/// <param name="HangUp">The connection is reset; nothing is done.</param>
/// <param name="HangUpAfter">It is done, and the connection is reset before the answer.</param>
public sealed record ApiFault(
    string Call = "*", int Skip = 0, int Times = 1, double Delay = 0, int? Status = null, string? Message = null, string? RetryAfter = null, string? Body = null,
    bool HangUp = false, bool HangUpAfter = false)
{
    internal bool Matches(string method, string path)
    {
        if (Call == "*")
            return true;
        var parts = Call.Split(' ', 2);
        var (wanted, there) = (parts[^1].Trim('/').Split('/'), path.Trim('/').Split('/'));
        return (parts.Length == 1 || parts[0] == method) && wanted.Length == there.Length && wanted.Zip(there).All(static p => p.First == "*" || p.First == p.Second);
    }

    /// <returns>False: the call is answered as it should be, after all.</returns>
    internal async Task<bool> AnswerAsync(HttpContext context, Func<HttpContext, Task> properly)
    {
        await Task.Delay(TimeSpan.FromSeconds(Delay), context.RequestAborted).ConfigureAwait(false);
        if (HangUpAfter)
        {
            context.Response.Body = Stream.Null;
            await properly(context).ConfigureAwait(false);
        }
        if (HangUp || HangUpAfter)
        {
            await FileBody.EndAsync(context, Cut.Reset).ConfigureAwait(false);
            return true;
        }
        if (RetryAfter is not null)
            context.Response.Headers.RetryAfter = RetryAfter;
        if (Body is not null)
        {
            context.Response.StatusCode = Status ?? 200;
            await context.Response.WriteAsync(Body, Encoding.UTF8, context.RequestAborted).ConfigureAwait(false);
            return true;
        }
        if (Status is null && Message is null)
            return false;
        await Envelope.RefuseAsync(context.Response, Status ?? 200, Message ?? "Refused by the script").ConfigureAwait(false);
        return true;
    }
}

/// <summary>Which faults are due.</summary>
internal sealed class ApiFaults
{
    private readonly Lock _gate = new();
    private readonly List<(ApiFault Fault, int Seen)> _faults = [];

    public void Add(ApiFault fault)
    {
        lock (_gate)
            _faults.Add((fault, 0));
    }

    public void Clear()
    {
        lock (_gate)
            _faults.Clear();
    }

    /// <returns>Null: none.</returns>
    public ApiFault? Next(string method, string path)
    {
        lock (_gate)
        {
            for (var i = 0; i < _faults.Count; i++)
            {
                var (fault, seen) = _faults[i];
                if (!fault.Matches(method, path) || (fault.Times > 0 && seen >= fault.Skip + fault.Times))
                    continue;
                _faults[i] = (fault, seen + 1);
                if (seen >= fault.Skip)
                    return fault;
            }
        }
        return null;
    }
}
