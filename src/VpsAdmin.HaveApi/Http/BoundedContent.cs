using System.Text;

namespace VpsAdmin.HaveApi.Http;

/// <summary>Reads bodies whose length the server chose, up to a length that we choose.</summary>
internal static class BoundedContent
{
    /// <exception cref="ProtocolException">It is longer than <paramref name="limit"/> bytes, also after decompression.</exception>
    public static async Task<ReadOnlyMemory<byte>> ReadAsync(string name, HttpContent content, long limit, CancellationToken cancel)
    {
        var announced = content.Headers.ContentLength;
        if (announced > limit)
            throw TooLong(name, limit);

        var stream = await content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            using var whole = new MemoryStream((int)(announced ?? 0));
            var buffer = new byte[64 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, cancel).ConfigureAwait(false)) > 0)
            {
                if (whole.Length + read > limit)
                    throw TooLong(name, limit);
                whole.Write(buffer, 0, read);
            }
            return whole.GetBuffer().AsMemory(0, (int)whole.Length);
        }
    }

    /// <summary>The beginning of a text, for an error message.</summary>
    public static async Task<string> ReadStartAsync(HttpContent content, int length, CancellationToken cancel)
    {
        var stream = await content.ReadAsStreamAsync(cancel).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var buffer = new byte[length];
            var read = await stream.ReadAtLeastAsync(buffer, length, throwOnEndOfStream: false, cancel).ConfigureAwait(false);
            return Encoding.UTF8.GetString(buffer, 0, read);
        }
    }

    private static ProtocolException TooLong(string name, long limit) => new($"The server's reply to {name} is longer than {limit} bytes; it was not read.");
}
