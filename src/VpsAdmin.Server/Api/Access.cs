namespace VpsAdmin.Server.Api;

/// <summary>Who may use, send and see what was declared.</summary>
internal static class Access
{
    public static bool IsOpenTo(this ApiAction action, Caller? caller) => Allows(action.AdminOnly, action.SupportOnly, caller);

    /// <exception cref="ActionRefusedException">The caller is suspended, and the action would change something.</exception>
    public static void RequireGoodStanding(this ApiAction action, Caller? caller)
    {
        if (caller is { IsSuspended: true } && action is { Method: not "GET", OpenToSuspended: false, RequiresLogin: true })
            throw Refusals.Suspended();
    }

    public static bool IsOpenTo(this InputParameter parameter, Caller? caller) => Allows(parameter.AdminOnly, parameter.SupportOnly, caller);

    public static bool IsOpenTo(this OutputParameter parameter, Caller? caller) => Allows(parameter.AdminOnly, parameter.SupportOnly, caller);

    private static bool Allows(bool adminOnly, bool supportOnly, Caller? caller) =>
        (!adminOnly || caller is { IsAdmin: true }) && (!supportOnly || caller is { IsSupport: true });
}
