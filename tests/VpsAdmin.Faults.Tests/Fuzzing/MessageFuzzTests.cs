using System.Text.Json;
using System.Text.Json.Nodes;
using VpsAdmin.Nats;
using VpsAdmin.Node;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Faults.Tests.Fuzzing;

/// <summary>What comes over the broker is a message, or is dropped as none.</summary>
public sealed class MessageFuzzTests
{
    private static readonly byte[] Snapshotted = JsonSerializer.SerializeToUtf8Bytes(
        new TransactionFinished(7, true, JsonSerializer.SerializeToNode(new CreateSnapshotOutput("2026-03-01T00:00:00", DateTimeOffset.UnixEpoch, 4711), NodeJson.Default.CreateSnapshotOutput), null) { Nonce = "n" },
        NodeJson.Default.TransactionFinished);

    private static readonly byte[] Failed = JsonSerializer.SerializeToUtf8Bytes(new TransactionFinished(7, false, null, "zfs send ended with status 1") { Rollback = true }, NodeJson.Default.TransactionFinished);

    [Fact]
    public Task Subjects_are_of_an_event_or_of_none() =>
        Bounded.ParseAsync(Mutations.Of(Subjects.Finished(12, 7, rollback: true), Subjects.Progressed(12, 7), Subjects.Sent(12, 7)), static text => text.Length, static text =>
            ReceivedMessages.Event(text, Failed) is { NodeId: >= 0 }, typeof(JsonException));

    [Fact]
    public async Task Ends_and_progress_are_read_or_dropped()
    {
        foreach (var subject in new[] { Subjects.Finished(12, 7, rollback: false), Subjects.Progressed(12, 7), Subjects.Sent(12, 7) })
        {
            await Bounded.ParseAsync(
                Mutations.Of(
                    Snapshotted, Failed, JsonSerializer.SerializeToUtf8Bytes(new ExportProgressed(7, 3, 5 << 20), NodeJson.Default.ExportProgressed),
                    JsonSerializer.SerializeToUtf8Bytes(new TransferProgressed(7, 5 << 20), NodeJson.Default.TransferProgressed)),
                static data => data.Length,
                data =>
                {
                    // As the server looks at it next.
                    if (ReceivedMessages.Event(subject, data).Event is TransactionFinished { Output: { } output })
                        output.Deserialize(NodeJson.Default.CreateSnapshotOutput);
                    return true;
                }, typeof(JsonException));
        }
    }

    [Fact]
    public void An_answer_that_has_a_name_twice_is_none() =>
        Assert.Throws<JsonException>(static () => ReceivedMessages.End("""{"TransactionId":7,"Success":true,"Output":{"Name":"a","Name":"b"},"Error":null}"""u8.ToArray()));

    [Fact]
    public Task Work_is_read_or_dropped() =>
        Bounded.ParseAsync(
            Mutations.Of(JsonSerializer.SerializeToUtf8Bytes(
                new TransactionMessage(7, 3, TransactionType.CreateSnapshot, false, "storage", JsonSerializer.SerializeToNode(new CreateSnapshotInput("tank", "101"), NodeJson.Default.CreateSnapshotInput)!)
                {
                    Installation = "abc", Nonce = "n",
                }, NodeJson.Default.TransactionMessage)),
            static data => data.Length,
            static data =>
            {
                var work = ReceivedMessages.Work(data);
                Assert.NotNull(work.Queue);
                work.Input.Deserialize(NodeJson.Default.CreateSnapshotInput);
                return true;
            }, typeof(JsonException));

    [Fact]
    public async Task Introductions_are_read_or_are_not_answered()
    {
        await Bounded.ParseAsync(
            Mutations.Of(JsonSerializer.SerializeToUtf8Bytes(new NodeHello("node2.example.org", ["tank/vps"], "https://node2.example.org", "node2.example.org:4569"), NatsJson.Default.NodeHello)),
            static data => data.Length,
            static data => ReceivedMessages.Hello(Subjects.Introduction("node2.example.org"), data).Name == "node2.example.org", typeof(JsonException));
        await Bounded.ParseAsync(
            Mutations.Of(JsonSerializer.SerializeToUtf8Bytes(new NodeWelcome(null, 12, new Dictionary<string, long> { ["tank/vps"] = 5 }), NatsJson.Default.NodeWelcome)),
            static data => data.Length,
            static data => ReceivedMessages.Welcome(data).Pools.Count > 0, typeof(JsonException));
    }
}
