using Microsoft.EntityFrameworkCore;
using OpenIddict.Abstractions;
using OpenIddict.EntityFrameworkCore.Models;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Accounts.OAuth;

/// <param name="RedirectUris">Where the browser may bring the code; on this machine's own addresses any port is good.</param>
/// <param name="Secret">Null for a public client, such as a page or an installed program.</param>
internal sealed record NewOAuthClient(string Id, string Name, IReadOnlyList<Uri> RedirectUris, string? Secret);

/// <summary>Programs that people may log in to.</summary>
internal sealed class OAuthClients(VpsAdminDb db)
{
    private const int LongestId = 100;

    /// <exception cref="SetupException">Something is not as it has to be, or the id is taken.</exception>
    public async Task AddAsync(NewOAuthClient client, CancellationToken cancel)
    {
        Check(client);
        await UseAsync(async applications =>
        {
            if (await applications.FindByClientIdAsync(client.Id, cancel).ConfigureAwait(false) is not null)
                throw new SetupException($"There is a client '{client.Id}' already.");
            var loopback = client.RedirectUris.All(static u => u.IsLoopback);
            var descriptor = new OpenIddictApplicationDescriptor
            {
                ClientId = client.Id, DisplayName = client.Name, ClientSecret = client.Secret,
                ClientType = client.Secret is null ? OpenIddictConstants.ClientTypes.Public : OpenIddictConstants.ClientTypes.Confidential,

                // An installed program listens on a port that is free when it starts (RFC 8252, 7.3).
                ApplicationType = loopback ? OpenIddictConstants.ApplicationTypes.Native : OpenIddictConstants.ApplicationTypes.Web,
                Permissions =
                {
                    OpenIddictConstants.Permissions.Endpoints.Authorization, OpenIddictConstants.Permissions.Endpoints.Token, OpenIddictConstants.Permissions.Endpoints.Revocation,
                    OpenIddictConstants.Permissions.GrantTypes.AuthorizationCode, OpenIddictConstants.Permissions.GrantTypes.RefreshToken,
                    OpenIddictConstants.Permissions.ResponseTypes.Code,
                },
            };
            descriptor.RedirectUris.UnionWith(client.RedirectUris);
            await applications.CreateAsync(descriptor, cancel).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    public async Task<IReadOnlyList<OpenIddictEntityFrameworkCoreApplication>> ListAsync(CancellationToken cancel) =>
        await db.Set<OpenIddictEntityFrameworkCoreApplication>().AsNoTracking().OrderBy(static a => a.ClientId).ToListAsync(cancel).ConfigureAwait(false);

    /// <summary>Its tokens end, too.</summary>
    /// <exception cref="SetupException">There is no such client.</exception>
    public Task RemoveAsync(string id, CancellationToken cancel) => UseAsync(async applications =>
    {
        var client = await applications.FindByClientIdAsync(id, cancel).ConfigureAwait(false) ?? throw new SetupException($"There is no client '{id}'.");
        await applications.DeleteAsync(client, cancel).ConfigureAwait(false);
    });

    private static void Check(NewOAuthClient client)
    {
        if (client.Id.Length is 0 or > LongestId || !client.Id.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new SetupException($"'{client.Id}' cannot be a client's id: it has letters, digits, dashes, dots and underscores.");
        if (client.RedirectUris.Count == 0)
            throw new SetupException("A client needs an address that the browser may bring the code to: --redirect-uri.");
        foreach (var uri in client.RedirectUris)
        {
            // In the clear only to the machine that the browser runs on; the scheme of a program needs a dot (RFC 8252, 7.1).
            var good = uri is { IsAbsoluteUri: true, Fragment: "", UserInfo: "" }
                && (uri.Scheme is "https" || (uri.Scheme is "http" && uri.IsLoopback) || uri.Scheme.Contains('.', StringComparison.Ordinal));
            if (!good)
                throw new SetupException($"--redirect-uri: '{uri}' is neither https nor http on the user's own machine, such as http://127.0.0.1/.");
        }
    }

    /// <summary>The library's own rules hold for whoever writes its tables.</summary>
    private async Task UseAsync(Func<IOpenIddictApplicationManager, Task> use)
    {
        var services = new ServiceCollection();
        services.AddLogging().AddSingleton(db).AddOpenIddict().AddCore(static core => core.UseEntityFrameworkCore().UseDbContext<VpsAdminDb>());
        var provider = services.BuildServiceProvider();
        await using var _ = provider.ConfigureAwait(false);
        try
        {
            await use(provider.GetRequiredService<IOpenIddictApplicationManager>()).ConfigureAwait(false);
        }
        catch (OpenIddictExceptions.ValidationException e)
        {
            throw new SetupException(string.Join(" ", e.Results.Select(static r => r.ErrorMessage)), e);
        }
    }
}
