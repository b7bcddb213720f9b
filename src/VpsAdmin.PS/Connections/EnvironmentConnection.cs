namespace VpsAdmin.PS.Connections;

/// <summary>The connection that the environment gives to scripts and jobs: <c>VPSADMIN_URL</c> and <c>VPSADMIN_TOKEN</c>.</summary>
internal sealed record EnvironmentConnection(Uri Uri, string Token)
{
    public const string UrlVariable = "VPSADMIN_URL";
    public const string TokenVariable = "VPSADMIN_TOKEN";

    /// <returns>Null when neither is set; a blank one counts as not set.</returns>
    /// <exception cref="VpsAdminException">One without the other, or no address.</exception>
    public static EnvironmentConnection? Read(Func<string, string?> variable)
    {
        var url = variable(UrlVariable)?.Trim();
        var token = variable(TokenVariable)?.Trim();
        if (string.IsNullOrEmpty(url) && string.IsNullOrEmpty(token))
            return null;
        if (string.IsNullOrEmpty(url) || string.IsNullOrEmpty(token))
        {
            var (there, missing) = string.IsNullOrEmpty(url) ? (TokenVariable, UrlVariable) : (UrlVariable, TokenVariable);
            throw new VpsAdminException(Errors.EnvironmentIncomplete, $"The environment variable {there} is set, and {missing} is not.", missing);
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
            throw new VpsAdminException(Errors.InvalidUri, $"The environment variable {UrlVariable} is not an address: '{url}'.", url);
        ConnectionFactory.Check(uri);
        return new EnvironmentConnection(uri, token);
    }

    /// <summary>A record would print the token.</summary>
    public override string ToString() => $"{UrlVariable} {Uri}";
}
