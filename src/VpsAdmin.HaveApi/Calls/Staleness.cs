using System.Net;

namespace VpsAdmin.HaveApi.Calls;

/// <summary>Whether a failure tells that a cached description no longer holds. Pure.</summary>
internal static class Staleness
{
    /// <summary>The server has no such route: nothing was done, and the call may be tried again by a fresh description.</summary>
    /// <param name="ids">In the path: without any, no object can be what was not found.</param>
    public static bool IsRouteMissing(ActionFailedException failure, int ids) => failure.HttpStatus == HttpStatusCode.NotFound
        && (ids == 0 || failure.ServerMessage?.Equals("Action not found", StringComparison.OrdinalIgnoreCase) == true);

    /// <summary>The user's role may have changed, and with it what they are shown.</summary>
    public static bool IsRoleChanged(ActionFailedException failure) => failure.HttpStatus == HttpStatusCode.Forbidden;
}
