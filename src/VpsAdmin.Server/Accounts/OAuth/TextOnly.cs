using System.Collections.Immutable;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using static OpenIddict.Server.OpenIddictServerEvents;

namespace VpsAdmin.Server.Accounts.OAuth;

/// <summary>
/// Refuses requests with a NUL in a parameter, such as one in the address, before anything is looked for by it: PostgreSQL fails with such a query.
/// </summary>
internal sealed class TextOnly<TContext> : IOpenIddictServerHandler<TContext> where TContext : BaseValidatingContext
{
    public ValueTask HandleAsync(TContext context)
    {
        if (context.Transaction.Request?.GetParameters().Any(static p => HasNul(p.Value)) is true)
            context.Reject(OpenIddictConstants.Errors.InvalidRequest, "A parameter has a NUL in it.");
        return default;
    }

    private static bool HasNul(OpenIddictParameter value) => ((ImmutableArray<string?>?)value ?? []).Any(static v => v?.Contains('\0', StringComparison.Ordinal) is true);
}
