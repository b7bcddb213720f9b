namespace VpsAdmin.Transfer;

/// <summary>The HTTP client that files are fetched with.</summary>
public static class TransferHttp
{
    /// <summary>
    /// A client that sends no credentials or cookies, follows no redirects, decodes nothing (the checksum is over the bytes as they
    /// are stored), and has no overall timeout: a transfer takes days if it must, stalls are the pump's business.
    /// </summary>
    public static HttpClient CreateClient() => new(CreateHandler(), disposeHandler: true) { Timeout = Timeout.InfiniteTimeSpan };

    private static SocketsHttpHandler CreateHandler() => new()
    {
        AllowAutoRedirect = false,
        AutomaticDecompression = System.Net.DecompressionMethods.None,
        UseCookies = false,
        Credentials = null,
        PreAuthenticate = false,
        ConnectTimeout = TimeSpan.FromSeconds(30),
        // A changed DNS record is noticed between requests of a long transfer.
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
    };
}
