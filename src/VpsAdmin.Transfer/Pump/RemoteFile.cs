namespace VpsAdmin.Transfer.Pump;

/// <summary>
/// How the server's complete file looked: a file that looks different later may have been written anew. While a file grows all of this
/// changes with every byte, and means nothing.
/// </summary>
/// <param name="ETag">As it was sent; null when the server has none.</param>
/// <param name="LastModified">Null when the server does not say.</param>
/// <param name="Length">Bytes; null while unknown.</param>
internal sealed record RemoteFile(string? ETag, DateTimeOffset? LastModified, long? Length)
{
    public static RemoteFile Of(HttpResponseMessage response, long? length) =>
        new(response.Headers.ETag?.ToString(), response.Content.Headers.LastModified, length);

    /// <summary>What only one of the two knows says nothing.</summary>
    public bool LooksLike(RemoteFile other) =>
        (ETag is null || other.ETag is null || ETag == other.ETag)
        && (LastModified is null || other.LastModified is null || LastModified == other.LastModified);
}
