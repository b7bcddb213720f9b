namespace VpsAdmin.PS.Connections;

/// <summary>
/// The connection that the environment gives to scripts and jobs: <c>VPSADMIN_URL</c>, and <c>VPSADMIN_TOKEN</c> or, so that programs which are started see no
/// token, <c>VPSADMIN_TOKEN_FILE</c>.
/// </summary>
internal sealed record EnvironmentConnection(Uri Uri, string Token)
{
    public const string UrlVariable = "VPSADMIN_URL";
    public const string TokenVariable = "VPSADMIN_TOKEN";
    public const string TokenFileVariable = "VPSADMIN_TOKEN_FILE";

    /// <returns>Null when none is set; a blank one counts as not set.</returns>
    /// <exception cref="VpsAdminException">One is missing, or says the same as another; there is no address, or no file.</exception>
    public static EnvironmentConnection? Read(Func<string, string?> variable)
    {
        var (url, token, file) = (Value(UrlVariable), Value(TokenVariable), Value(TokenFileVariable));
        if (url is null && token is null && file is null)
            return null;
        if (token is not null && file is not null)
            throw new VpsAdminException(Errors.EnvironmentIncomplete, $"The environment variables {TokenVariable} and {TokenFileVariable} are both set.", TokenFileVariable);
        if (url is null || (token ?? file) is null)
        {
            var (there, missing) = url is null ? (token is null ? TokenFileVariable : TokenVariable, UrlVariable) : (UrlVariable, TokenVariable);
            throw new VpsAdminException(Errors.EnvironmentIncomplete, $"The environment variable {there} is set, and {missing} is not.", missing);
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var uri))
            throw new VpsAdminException(Errors.InvalidUri, $"The environment variable {UrlVariable} is not an address: '{url}'.", url);
        ConnectionFactory.Check(uri);
        return new EnvironmentConnection(uri, token ?? ReadFile(file!));

        string? Value(string name) => variable(name)?.Trim() is { Length: > 0 } value ? value : null;
    }

    /// <summary>A record would print the token.</summary>
    public override string ToString() => $"{UrlVariable} {Uri}";

    private static string ReadFile(string path)
    {
        // This process's current folder is not the one that a script sees.
        if (!Path.IsPathFullyQualified(path))
            throw new VpsAdminException(Errors.TokenFileNotFound, $"The environment variable {TokenFileVariable} is not a full path: '{path}'.", path);
        try
        {
            return File.ReadAllText(path).Trim() is { Length: > 0 } token
                ? token
                : throw new VpsAdminException(Errors.TokenFileNotFound, $"The file of {TokenFileVariable}, '{path}', is empty.", path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VpsAdminException(Errors.TokenFileNotFound, $"The file of {TokenFileVariable} cannot be read: {e.Message}", path, e);
        }
    }
}
