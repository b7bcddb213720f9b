using Microsoft.Extensions.Logging;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Nats;

/// <summary>How the server learns what the VPSes of a node are doing: it asks, so that what it hears is never older than its question.</summary>
public static class VpsSampling
{
    private static readonly Questions<IReadOnlyList<VpsPlace>, IReadOnlyList<VpsSample>> Questions =
        new(Subjects.Sampling, NatsJson.Default.IReadOnlyListVpsPlace, NatsJson.Default.IReadOnlyListVpsSample);

    /// <returns>Null: the node does not answer.</returns>
    public static Task<IReadOnlyList<VpsSample>?> AskAsync(NatsLink link, long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel) => Questions.AskAsync(link, nodeId, vpses, cancel);

    /// <summary>A node's end: answers until cancelled.</summary>
    public static Task AnswerAsync(
        NatsLink link, long nodeId, Func<IReadOnlyList<VpsPlace>, CancellationToken, Task<IReadOnlyList<VpsSample>>> sample, ILogger log, CancellationToken cancel) =>
        Questions.AnswerAsync(link, nodeId, sample, log, cancel);
}
