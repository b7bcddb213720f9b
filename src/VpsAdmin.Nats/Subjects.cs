using System.Globalization;

namespace VpsAdmin.Nats;

/// <summary>
/// Names on the broker. A node needs no more than: subscribe to its own work and the replies to it, publish its own events, its presence
/// and its introduction (<see cref="NodePermissions"/>).
/// </summary>
internal static class Subjects
{
    public const string WorkStream = "VPSADMIN_WORK";
    public const string EventStream = "VPSADMIN_EVENTS";
    public const string EventConsumer = "server";
    public const string PresenceBucket = "vpsadmin_nodes";
    public const string AllWork = "vpsadmin.work.>";
    public const string AllEvents = "vpsadmin.event.>";
    public const string AllIntroductions = "vpsadmin.hello.*";

    private const string FinishedWord = "finished";
    private const string SentWord = "sent";

    public static string Work(long nodeId, string queue, long transactionId, bool rollback) => Invariant($"vpsadmin.work.{nodeId}.{queue}.{transactionId}.{Way(rollback)}");

    public static string QueueOf(long nodeId, string queue) => Invariant($"vpsadmin.work.{nodeId}.{queue}.>");

    /// <summary>The work in whatever queue it is.</summary>
    public static string WorkOf(long nodeId, long transactionId, bool rollback) => Invariant($"vpsadmin.work.{nodeId}.*.{transactionId}.{Way(rollback)}");

    public static string QueueConsumer(long nodeId, string queue) => Invariant($"node-{nodeId}-{queue}");

    public static string Finished(long nodeId, long transactionId, bool rollback) => Invariant($"vpsadmin.event.{nodeId}.{FinishedWord}.{transactionId}.{Way(rollback)}");

    public static string Progressed(long nodeId, long transactionId) => Invariant($"vpsadmin.event.{nodeId}.progress.{transactionId}");

    public static string Sent(long nodeId, long transactionId) => Invariant($"vpsadmin.event.{nodeId}.{SentWord}.{transactionId}");

    /// <returns>Null for a subject that is none of an event.</returns>
    public static EventSubject? ParseEvent(string subject) =>
        subject.Split('.') is [_, _, var node, var kind, .. var rest] && long.TryParse(node, NumberStyles.None, CultureInfo.InvariantCulture, out var nodeId) && rest.Length > 0
            ? new(nodeId, kind switch { FinishedWord => EventKind.Finished, SentWord => EventKind.Sent, _ => EventKind.Progressed })
            : null;

    /// <param name="name">The node's; dots would be more levels.</param>
    public static string Introduction(string name) => $"vpsadmin.hello.{name.Replace('.', '_')}";

    /// <summary>Where a node is asked what its VPSes are doing.</summary>
    public static string Sampling(long nodeId) => Invariant($"vpsadmin.sample.{nodeId}");

    /// <summary>Where a node is asked what a VPS of it said on its console.</summary>
    public static string Console(long nodeId) => Invariant($"vpsadmin.console.{nodeId}");

    /// <summary>Where replies to a node come, apart from all others', so that no other node may listen there.</summary>
    public static string Inbox(string name) => $"_INBOX_{name.Replace('.', '_')}";

    private static string Way(bool rollback) => rollback ? "undo" : "do";

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}

internal enum EventKind
{
    /// <summary>The end of a transaction.</summary>
    Finished,
    /// <summary>Progress of an export.</summary>
    Progressed,
    /// <summary>Progress of a transfer to another node.</summary>
    Sent,
}

internal sealed record EventSubject(long NodeId, EventKind Kind);
