using System.Text.Json.Nodes;

namespace VpsAdmin.HaveApi.Authentication;

internal static class AuthenticationOffer
{
    /// <summary>What the server describes about an authentication method.</summary>
    /// <exception cref="NotDescribedException">It does not offer it.</exception>
    public static JsonObject Find(ILoginSession session, string method)
    {
        var offers = session.Description.Authentication;
        return offers.GetValueOrDefault(method) ?? throw new NotDescribedException(offers.Count == 0
            ? $"The server offers no authentication, and so not '{method}'."
            : $"The server does not offer authentication by '{method}'; it offers {string.Join(", ", offers.Keys)}.");
    }
}
