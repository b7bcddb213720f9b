namespace VpsAdmin.Benchmarks;

/// <summary>Content that no compression makes smaller.</summary>
internal static class RandomFile
{
    /// <param name="bytes">Whole MiB.</param>
    public static async Task WriteAsync(string path, long bytes, CancellationToken cancel)
    {
        var random = new Random(1);
        var block = new byte[1 << 20];
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, useAsync: true);
        await using var _ = file.ConfigureAwait(false);
        for (var left = bytes; left > 0; left -= block.Length)
        {
            random.NextBytes(block);
            await file.WriteAsync(block, cancel).ConfigureAwait(false);
        }
    }
}
