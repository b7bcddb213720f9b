using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.NodeHost.Tests;

internal static class AdministratorLogin
{
    /// <summary>Logs in with what servers leave in their folders.</summary>
    /// <param name="data">Folder of the server.</param>
    /// <param name="first">Folder of the server that made the administrator; null: the same.</param>
    public static async Task<HaveApiClient> ConnectAsync(string data, CancellationToken cancel, string? first = null)
    {
        var url = new Uri((await File.ReadAllTextAsync(Path.Combine(data, "server.url"), cancel)).Trim());
        var password = (await File.ReadAllTextAsync(Path.Combine(first ?? data, "admin-password"), cancel)).Trim();
        return await HaveApiClient.ConnectAsync(url, TokenAuthentication.Request("admin", password, TokenLifetime.RenewableAuto, TimeSpan.FromHours(1)), null, null, cancel);
    }
}
