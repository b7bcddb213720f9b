using System.Text.Json.Nodes;
using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.Server.Api;

/// <summary>What goes back to the client: an envelope and the HTTP status around it (spec/haveapi 3).</summary>
internal sealed record Reply(int HttpStatus, Envelope Envelope)
{
    public static Reply Done(JsonObject response) => new(StatusCodes.Status200OK, new Envelope { Status = true, Response = response });

    /// <summary>Only replies to OPTIONS state the version of the protocol.</summary>
    public static Reply Described(HaveApiProtocol protocol, JsonObject description) =>
        new(StatusCodes.Status200OK, new Envelope { Version = protocol.Version, Status = true, Response = description });

    public static Reply Refused(ActionRefusedException refusal) =>
        new(refusal.HttpStatus, new Envelope { Status = false, Message = refusal.Message, Errors = refusal.Errors });

    /// <summary>Says nothing of what went wrong: that is in the log.</summary>
    public static Reply Failed() => Refused(new ActionRefusedException(StatusCodes.Status500InternalServerError, "Server error occurred"));
}

/// <summary>What the hosting itself refuses, in the protocol's words.</summary>
internal static class Refusals
{
    public static ActionRefusedException ActionNotFound() => new(StatusCodes.Status404NotFound, "Action not found");

    public static ActionRefusedException LoginRequired() => new(StatusCodes.Status401Unauthorized, "Action requires user to authenticate");

    public static ActionRefusedException NotAllowed() => new(StatusCodes.Status403Forbidden, "Access denied. Insufficient permissions.");

    public static ActionRefusedException Suspended() => new(StatusCodes.Status403Forbidden, "Access denied. This account is suspended.");

    public static ActionRefusedException OutOfScope() => new(StatusCodes.Status403Forbidden, "Access denied. The token is not good for this action.");

    public static ActionRefusedException TooManyFailures(TimeSpan wait) =>
        new(StatusCodes.Status429TooManyRequests, $"Too many failed logins. Try again in {Math.Ceiling(wait.TotalSeconds)} s.") { RetryAfter = wait };

    public static ActionRefusedException TooManyLogins(TimeSpan wait) =>
        new(StatusCodes.Status503ServiceUnavailable, $"Too many log in at once. Try again in {Math.Ceiling(wait.TotalSeconds)} s.") { RetryAfter = wait };

    public static ActionRefusedException MultipleTokens() => new(StatusCodes.Status400BadRequest, "Multiple authentication tokens were provided");

    public static ActionRefusedException InvalidLayout() => new(StatusCodes.Status200OK, "invalid input layout");

    public static ActionRefusedException InvalidInput(int httpStatus, IReadOnlyDictionary<string, IReadOnlyList<string>> errors) =>
        new(httpStatus, "input parameters are not valid", errors);

    public static ActionRefusedException NotJson() => new(StatusCodes.Status415UnsupportedMediaType, "Unsupported Content-Type");

    public static ActionRefusedException BadJson() => new(StatusCodes.Status400BadRequest, "Bad JSON syntax");

    public static ActionRefusedException NotAnObject() => new(StatusCodes.Status400BadRequest, "JSON body must be an object");

    public static ActionRefusedException TooLarge() => new(StatusCodes.Status413PayloadTooLarge, "Request body is too large");

    public static ActionRefusedException TooSlow() => new(StatusCodes.Status408RequestTimeout, "Request body arrives too slowly");

    public static ActionRefusedException BadRequest() => new(StatusCodes.Status400BadRequest, "Bad request");
}
