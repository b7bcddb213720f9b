using VpsAdmin.NodeWeb;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Downloads;

public sealed class FixedLengthContentTests : IDisposable
{
    private static readonly byte[] Old = [.. Enumerable.Range(0, 100).Select(static i => (byte)i)];

    private readonly TemporaryFolder _folder = new();
    private readonly FixedLengthContent _content;

    public FixedLengthContentTests()
    {
        File.WriteAllBytes(Path, Old);
        _content = new(File.OpenHandle(Path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, FileOptions.Asynchronous));
    }

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Path => _folder.Below("file");

    [Fact]
    public async Task What_is_appended_later_is_not_in_it()
    {
        await File.AppendAllTextAsync(Path, "more", Cancel);
        Assert.Equal(100, _content.Length);
        using var copy = new MemoryStream();
        await _content.CopyToAsync(copy, Cancel);
        Assert.Equal(Old, copy.ToArray());
        _content.Seek(-10, SeekOrigin.End);
        Assert.Equal(10, _content.ReadAtLeast(new byte[50], 50, throwOnEndOfStream: false));
        _content.Position = 200;
        Assert.Equal(0, await _content.ReadAtLeastAsync(new byte[50], 50, throwOnEndOfStream: false, Cancel));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(50)]
    [InlineData(99)]
    public async Task What_is_written_anew_is_not_read_as_the_rest_of_what_was(int newLength)
    {
        await _content.ReadExactlyAsync(new byte[10], Cancel);
        await File.WriteAllBytesAsync(Path, new byte[newLength], Cancel);
        await Assert.ThrowsAsync<EndOfStreamException>(() => _content.CopyToAsync(Stream.Null, Cancel));
        Assert.Throws<EndOfStreamException>(() => _content.CopyTo(Stream.Null));
    }

    public void Dispose()
    {
        _content.Dispose();
        _folder.Dispose();
    }
}
