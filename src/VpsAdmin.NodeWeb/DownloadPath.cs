namespace VpsAdmin.NodeWeb;

/// <summary>Parts of a download's path, checked before they become parts of a file's.</summary>
public static class DownloadPath
{
    /// <summary>Digits of a secret key.</summary>
    public const int SecretLength = 100;

    /// <summary>NAME_MAX</summary>
    public const int LongestName = 255;

    public static bool IsSecret(string text) => text.Length == SecretLength && text.All(char.IsAsciiHexDigitLower);

    public static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && text is not ("." or "..") && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':');
}
