using System.Security.Cryptography;
using VpsAdmin.NodeWeb;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Downloads;

/// <summary>A file that grows on a ZFS, where its length is told before its last bytes can be read (zfs-fuse does so).</summary>
public sealed class GrowingFileTests(RealServer server) : IClassFixture<RealServer>
{
    private const int Block = 16 * 1024;
    private const int Blocks = 1500;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task It_is_read_as_long_as_it_is_told_to_be_however_fast_it_grows()
    {
        server.Require();
        var folder = server.Installation.DownloadFolderOf(server.Installation.PoolId)!;
        var path = Path.Combine(folder, "growing");
        var content = RandomNumberGenerator.GetBytes(Block);
        await File.WriteAllBytesAsync(path, content, Cancel);
        var writing = Task.Run(async () =>
        {
            await using var file = new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
            for (var i = 1; i < Blocks; i++)
                await file.WriteAsync(content, Cancel);
        }, Cancel);
        var looks = 0;
        while (!writing.IsCompleted || looks == 0)
        {
            await using var read = new FixedLengthContent(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous));
            // The end, where it grows.
            read.Position = Math.Max(0, read.Length - (2 * Block));
            using var copy = new MemoryStream();
            await read.CopyToAsync(copy, Cancel);
            Assert.Equal(Math.Min(read.Length, 2 * Block), copy.Length);
            looks++;
        }
        await writing;
        File.Delete(path);
    }
}
