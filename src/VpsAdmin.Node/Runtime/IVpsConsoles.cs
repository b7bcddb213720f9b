namespace VpsAdmin.Node.Runtime;

/// <summary>Reads what VPSes said on their consoles, on whatever node they are.</summary>
public interface IVpsConsoles
{
    /// <returns>Null: the node does not answer.</returns>
    Task<ConsoleAnswer?> ReadAsync(long nodeId, ConsoleQuestion question, CancellationToken cancel);
}

/// <param name="Length">Bytes from the end, at most <see cref="VpsConsole.Longest"/>.</param>
public sealed record ConsoleQuestion(VpsPlace Place, int Length);

/// <param name="Text">The end of what was said, with whatever control characters were in it; null: the node cannot read it.</param>
public sealed record ConsoleAnswer(string? Text);
