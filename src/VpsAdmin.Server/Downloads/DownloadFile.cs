using System.Security.Cryptography;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Downloads;

/// <summary>How exports are called.</summary>
internal static class DownloadFile
{
    /// <summary>Digits of a secret key.</summary>
    public const int SecretLength = 100;

    private const int LongestName = 255;

    // With the longest form, both snapshot names in it, a file name must stay within NAME_MAX.
    private static readonly int Overhead = Name("", DownloadFormat.IncrementalStream, "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ss").Length;

    public static int LongestDataset => LongestName - Overhead;

    public static string Name(string dataset, DownloadFormat format, string snapshot, string? from)
    {
        var ds = dataset.Replace('/', '_');
        var to = snapshot.Replace(':', '-');
        return format switch
        {
            DownloadFormat.Archive => $"{ds}__{to}.tar.gz",
            DownloadFormat.Stream => $"{ds}__{to}.dat.gz",
            DownloadFormat.IncrementalStream => $"{ds}__{from?.Replace(':', '-')}__{to}.inc.dat.gz",
            _ => throw new ArgumentOutOfRangeException(nameof(format), format, null),
        };
    }

    public static string NewSecret() => RandomNumberGenerator.GetHexString(SecretLength, lowercase: true);

    public static bool IsSecret(string text) => text.Length == SecretLength && text.All(char.IsAsciiHexDigitLower);

    public static bool IsName(string text) =>
        text.Length is > 0 and <= LongestName && text is not ("." or "..") && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or ':');

    public static string Url(string baseUrl, string domainName, long poolId, string secret, string fileName) =>
        $"{baseUrl}/download/{domainName}/{poolId}/{secret}/{fileName}";
}
