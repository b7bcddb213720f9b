namespace VpsAdmin.Server.Api;

/// <summary>An action refuses: becomes an envelope with <c>status: false</c>.</summary>
public sealed class ActionRefusedException(int httpStatus, string message, IReadOnlyDictionary<string, IReadOnlyList<string>>? errors = null) : Exception(message)
{
    public int HttpStatus { get; } = httpStatus;
    public IReadOnlyDictionary<string, IReadOnlyList<string>> Errors { get; } = errors ?? new Dictionary<string, IReadOnlyList<string>>();

    /// <summary>When the same may succeed; null: not by waiting.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static ActionRefusedException NotFound() => new(404, "object not found");

    public static ActionRefusedException Invalid(string parameter, string message) =>
        new(200, "input parameters are not valid", new Dictionary<string, IReadOnlyList<string>> { [parameter] = [message] });

    public static ActionRefusedException Refused(string message) => new(200, message);

    public static ActionRefusedException Locked(long chainId, string label) =>
        new(423, $"Resource is locked by transaction chain {chainId} ({label}). Try again later.");
}
