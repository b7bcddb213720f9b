using System.Buffers.Binary;
using System.Text;
using CsCheck;
using VpsAdmin.Node.Streams;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Faults.Tests.Cutting;
using VpsAdmin.Zfs.Replay;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.Faults.Tests.Fuzzing;

/// <summary>Whatever comes in place of a ZFS stream, its compression, or a node's frames is refused as such, and never taken for one that is whole.</summary>
[Collection(AloneCollection.Name)]
public sealed class StreamFuzzTests
{
    private static readonly byte[][] Streams =
    [
        StreamBytes.Simple(5000),
        new StreamBytes(bigEndian: true).Begin("tank/a@s", 7).Object(88).Write(600).Free().FreeObjects().Spill(512).WriteEmbedded(100).End(7).ToArray(),
        new StreamBytes(old: true).Begin("tank/a@s", 7).Write(2000).End(7).ToArray(),
        new StreamBytes().CompoundBegin("tank/a@c").Substream("tank/a@b", 2, 1).Substream("tank/a@c", 3, 2).Conclusion().ToArray(),
    ];

    private static readonly string[] Names = ["tank/a@b", "tank/a/child@b", "tank/b@c"];

    [Fact]
    public Task Records_are_walked_or_refused_in_pieces_of_any_size() =>
        Bounded.ParseAsync(Gen.Select(Mutations.Of(Streams), Gen.Int[1, 700]), static input => input.Item1.Length, static input =>
        {
            var stream = new ReplayStream();
            foreach (var piece in input.Item1.Chunk(input.Item2))
                stream.Read(piece);
            stream.Finish();
            // Nothing of a stream goes unchecked: what is taken for whole is one of those that were.
            Assert.Contains(Streams, s => s.AsSpan().SequenceEqual(input.Item1));
            return true;
        }, typeof(ReplayException));

    [Fact]
    public Task What_a_receiver_gets_has_one_dataset_in_it_and_nothing_else() =>
        Bounded.ParseAsync(Gen.Select(Gen.Byte.Array[0, 3], Mutations.Of([.. Names.Select(Encoding.UTF8.GetBytes)]), Gen.Int[1, 700]), static input => input.Item2.Length, static input =>
        {
            // With sums that are right: whoever means harm has them right, too.
            var name = Encoding.UTF8.GetString(input.Item2).Replace('\0', '_');
            var bytes = new StreamBytes().CompoundBegin("tank/a@c", [.. input.Item1.SelectMany(static b => BitConverter.GetBytes((long)b))])
                .Substream(name[..Math.Min(name.Length, 60)], 2, 1).Substream("tank/a@c", 3, 2).Conclusion().ToArray();
            var stream = new ReplayStream(oneDataset: true);
            foreach (var piece in bytes.Chunk(input.Item3))
                stream.Read(piece);
            stream.Finish();
            Assert.Empty(input.Item1);
            Assert.All(stream.Substreams, static s => Assert.StartsWith("tank/a@", s.ToName, StringComparison.Ordinal));
            return true;
        }, typeof(ReplayException));

    [Fact]
    public Task Compressed_streams_are_decoded_whole_or_not_committed() =>
        Bounded.ParseAsync(Mutations.Of([.. Streams.Select(static s => StreamBytes.Gzip(s)), StreamBytes.Gzip(Streams[0], members: 3)]), static async compressed =>
        {
            var target = new WatchedTarget();
            await using var sink = new DecodedSink(target);
            await sink.OpenAsync(null!, static _ => { }, CancellationToken.None);
            try
            {
                foreach (var piece in compressed.Chunk(1000))
                    await sink.WriteAsync(piece, CancellationToken.None);
                await sink.CommitAsync(CancellationToken.None);
            }
            catch (TransferException e)
            {
                await sink.AbortAsync(keepPart: false, e);
                Assert.False(target.IsCommitted);
                throw;
            }
            Assert.Contains(Streams, s => s.AsSpan().SequenceEqual(target.Got));
            return true;
        }, share: 5, typeof(TransferException));

    [Fact]
    public Task Frames_of_another_node_are_understood_or_it_is_given_up() =>
        Bounded.ParseAsync(
            Mutations.Of(
                [.. Frame(FrameType.Hello, """{"version":1,"secret":"0123"}"""), .. Frame(FrameType.State, """{"Newest":"a","Guid":5}"""), .. Frame(FrameType.Begin, """{"Snapshot":"a","Guid":5,"FromGuid":0}""")],
                [.. Frame(FrameType.Data, new string('x', 3000)), .. Frame(FrameType.Alive, ""), .. Frame(FrameType.End, ""), .. Frame(FrameType.Finished, "")],
                Frame(FrameType.Failed, "no\r\nspace\u0007 left")),
            static async bytes =>
            {
                await using var channel = new FrameChannel(new MemoryStream(bytes), TimeProvider.System);
                var frame = default(Frame);
                while (frame.Type is not FrameType.Finished)
                {
                    frame = await channel.ReceiveAsync(CancellationToken.None);
                    Assert.True(frame.Payload.Length <= FrameChannel.LargestData);
                    if (frame.Type is FrameType.State)
                        FrameChannel.Read(frame, FrameType.State, StreamJson.Default.ReceiverState);
                    if (frame.Type is FrameType.Begin)
                        FrameChannel.Read(frame, FrameType.Begin, StreamJson.Default.StreamBegin);
                }
                return true;
            }, share: 5, typeof(PeerLostException), typeof(PeerFailedException));

    private static byte[] Frame(FrameType type, string payload)
    {
        var bytes = Encoding.UTF8.GetBytes(payload);
        var frame = new byte[5 + bytes.Length];
        frame[0] = (byte)type;
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), bytes.Length);
        bytes.CopyTo(frame, 5);
        return frame;
    }
}
