using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Tests.Sinks;

public sealed class HeldTailTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(8 * 1024)]
    [InlineData(int.MaxValue)]
    public void At_every_moment_the_last_64_KiB_are_held_and_no_byte_is_lost(int mostAtOnce)
    {
        var random = new Random(mostAtOnce);
        var bytes = new byte[mostAtOnce == 1 ? 500_000 : 3_000_000];
        random.NextBytes(bytes);
        var tail = new HeldTail();
        var released = new MemoryStream();
        for (var added = 0; added < bytes.Length;)
        {
            var count = Math.Min(Math.Min(tail.Free.Length, bytes.Length - added), mostAtOnce == 1 ? 1 : random.Next(1, Math.Min(mostAtOnce, 300_000)));
            bytes.AsMemory(added, count).CopyTo(tail.Free);
            tail.Add(count);
            added += count;
            Assert.Equal(Math.Max(0, added - released.Length - 64 * 1024), tail.Releasable.Length);
            if (!tail.IsFull)
                continue;
            released.Write(tail.Releasable.Span);
            tail.Release();
            Assert.Equal(64 * 1024, tail.Held.Length);
            Assert.True(tail.Free.Length > 0);
        }
        Assert.True(tail.Held.Length >= 64 * 1024);
        released.Write(tail.Held.Span);
        Assert.True(bytes.AsSpan().SequenceEqual(released.ToArray()));
    }
}
