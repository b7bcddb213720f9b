using System.Security.Cryptography;
using VpsAdmin.NodeWeb;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Downloads;

/// <summary>How exports are called.</summary>
internal static class DownloadFile
{
    // With the longest form, both snapshot names in it, a file name must stay within NAME_MAX.
    private static readonly int Overhead = Name("", DownloadFormat.IncrementalStream, "yyyy-MM-ddTHH:mm:ss", "yyyy-MM-ddTHH:mm:ss").Length;

    public static int LongestDataset => DownloadPath.LongestName - Overhead;

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

    public static string NewSecret() => RandomNumberGenerator.GetHexString(DownloadPath.SecretLength, lowercase: true);

    /// <param name="serverUrl">Where the server is reached, for files of its own node.</param>
    /// <param name="pool">With its node.</param>
    public static string Url(string serverUrl, Pool pool, string secret, string fileName) =>
        $"{pool.Node.DownloadUrl ?? serverUrl}/download/{pool.Node.DomainName}/{pool.Id}/{secret}/{fileName}";
}
