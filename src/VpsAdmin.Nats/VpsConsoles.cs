using Microsoft.Extensions.Logging;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Nats;

/// <summary>How the server reads what a VPS of a node said on its console.</summary>
public static class VpsConsoles
{
    private static readonly Questions<ConsoleQuestion, ConsoleAnswer> Questions = new(Subjects.Console, NatsJson.Default.ConsoleQuestion, NatsJson.Default.ConsoleAnswer);

    /// <returns>Null: the node does not answer.</returns>
    public static Task<ConsoleAnswer?> AskAsync(NatsLink link, long nodeId, ConsoleQuestion question, CancellationToken cancel) => Questions.AskAsync(link, nodeId, question, cancel);

    /// <summary>A node's end: answers until cancelled.</summary>
    public static Task AnswerAsync(NatsLink link, long nodeId, Func<ConsoleQuestion, CancellationToken, Task<string?>> read, ILogger log, CancellationToken cancel) =>
        Questions.AnswerAsync(link, nodeId, async (question, token) => new ConsoleAnswer(await read(question, token).ConfigureAwait(false)), log, cancel);
}
