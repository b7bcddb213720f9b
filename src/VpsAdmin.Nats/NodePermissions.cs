using System.Globalization;
using System.Text.Json;

namespace VpsAdmin.Nats;

/// <summary>What a node may do on the broker: take its own work, tell its own events, say that it is there. Nothing of other nodes.</summary>
public static class NodePermissions
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The value of <c>permissions</c> of a user in <c>nats-server</c>'s configuration.</summary>
    public static string Write(long nodeId, string name, IEnumerable<string> queues)
    {
        var id = nodeId.ToString(CultureInfo.InvariantCulture);
        var publish = new List<string>
        {
            $"vpsadmin.event.{id}.>",
            Subjects.Introduction(name),
            $"$KV.{Subjects.PresenceBucket}.{id}",
            $"$JS.API.STREAM.INFO.KV_{Subjects.PresenceBucket}",
        };
        foreach (var queue in queues)
        {
            var consumer = Subjects.QueueConsumer(nodeId, queue);
            publish.AddRange(
            [
                // With the filter in the subject, so that the consumer can be of no other work.
                $"$JS.API.CONSUMER.CREATE.{Subjects.WorkStream}.{consumer}.{Subjects.QueueOf(nodeId, queue)}",
                $"$JS.API.CONSUMER.DELETE.{Subjects.WorkStream}.{consumer}",
                $"$JS.API.CONSUMER.MSG.NEXT.{Subjects.WorkStream}.{consumer}",
                $"$JS.ACK.{Subjects.WorkStream}.{consumer}.>",
            ]);
        }
        return JsonSerializer.Serialize(new { publish, subscribe = (string[])[$"{Subjects.Inbox(name)}.>", Subjects.Sampling(nodeId), Subjects.Console(nodeId)], allow_responses = true }, Readable);
    }
}
