using System.Diagnostics;
using System.Text.Json;

namespace VpsAdmin.Node.Tests.Redelivery;

/// <summary>A node in a process of its own, for one transaction.</summary>
internal static class MortalNode
{
    /// <summary>Works on the transaction until it has ended, or until the node is killed behind its <paramref name="fatalStep"/>-th step.</summary>
    /// <returns>Null: it was killed.</returns>
    public static async Task<TransactionFinished?> RunAsync(TransactionMessage message, int fatalStep, CancellationToken cancel)
    {
        await using var programs = new MortalPrograms(fatalStep);
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "node-process.dll")])
        {
            RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["PATH"] = programs.Folder + ":" + start.Environment["PATH"];
        using var node = Process.Start(start)!;
        var output = node.StandardOutput.ReadToEndAsync(cancel);
        var error = node.StandardError.ReadToEndAsync(cancel);
        await node.StandardInput.WriteAsync(JsonSerializer.Serialize(message, NodeJson.Default.TransactionMessage).AsMemory(), cancel);
        node.StandardInput.Close();
        await node.WaitForExitAsync(cancel);

        const int Killed = 128 + 9;
        if (node.ExitCode == Killed)
            return null;
        Assert.True(node.ExitCode == 0, await error);
        return JsonSerializer.Deserialize(await output, NodeJson.Default.TransactionFinished);
    }
}
