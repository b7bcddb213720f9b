using System.Net;

namespace VpsAdmin.HaveApi;

/// <summary>What stands between a caller and an API: the base of all errors of this library.</summary>
public abstract class HaveApiException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>The server answered with <c>status: false</c>.</summary>
/// <param name="action">Such as <c>snapshot_download#create</c>.</param>
/// <param name="retryAfter">From the header Retry-After.</param>
public sealed class ActionFailedException(
    string action, HttpStatusCode httpStatus, string? serverMessage, IReadOnlyDictionary<string, IReadOnlyList<string>> errors, TimeSpan? retryAfter = null)
    : HaveApiException(Describe(action, serverMessage, errors))
{
    public string Action { get; } = action;
    public HttpStatusCode HttpStatus { get; } = httpStatus;
    public string? ServerMessage { get; } = serverMessage;
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; } = errors;
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>404, or the 200 with "not found" of servers before 2016-12 (spec/vpsadmin 1.1).</summary>
    public bool IsNotFound => HttpStatus == HttpStatusCode.NotFound
        || (HttpStatus == HttpStatusCode.OK && ServerMessage?.Contains("not found", StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>A transaction chain holds the object: worth trying again later.</summary>
    public bool IsLocked => HttpStatus == HttpStatusCode.Locked
        || (HttpStatus == HttpStatusCode.OK && ServerMessage?.Contains("is locked", StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>The server or something before it could not do it just now: worth trying again, where it is not too late for that.</summary>
    public bool IsTransient => (int)HttpStatus >= 500
        || HttpStatus is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or (HttpStatusCode)425;

    public bool IsUnauthorized => HttpStatus == HttpStatusCode.Unauthorized;

    private static string Describe(string action, string? message, IReadOnlyDictionary<string, IReadOnlyList<string>> errors)
    {
        var details = string.Join("; ", errors.Select(e => $"{e.Key}: {string.Join(", ", e.Value)}"));
        var text = string.IsNullOrEmpty(message) ? $"{action} failed without a reason" : $"{action}: {message}";
        return details.Length == 0 ? text : $"{text} ({details})";
    }
}

/// <summary>No answer: name resolution, connection, TLS, timeout, or a gateway's 5xx without an envelope. Worth trying again.</summary>
public sealed class ApiUnreachableException(string message, HttpStatusCode? httpStatus, TimeSpan? retryAfter, Exception? inner = null)
    : HaveApiException(message, inner)
{
    public HttpStatusCode? HttpStatus { get; } = httpStatus;
    public TimeSpan? RetryAfter { get; } = retryAfter;
}

/// <summary>The answer is not HaveAPI, or not of a version that this client speaks.</summary>
public sealed class ProtocolException(string message, Exception? inner = null) : HaveApiException(message, inner);

/// <summary>The server's description has no such resource or action, or the caller named a parameter that it does not have.</summary>
public sealed class NotDescribedException(string message) : HaveApiException(message);

/// <summary>A value that the server's description of the parameter excludes. Nothing was sent.</summary>
public sealed class InvalidInputException(string action, string parameter, string message) : HaveApiException(message)
{
    public string Action { get; } = action;

    public string Parameter { get; } = parameter;
}
