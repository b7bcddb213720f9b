using System.ComponentModel;
using System.Text.Json;
using VpsAdmin.PS.Output;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.PS.Servers;

/// <summary>Runs <c>vpsadmin-server check</c> and reads what it finds.</summary>
/// <param name="program">Full path of a program, or of a <c>.dll</c> that <c>dotnet</c> runs.</param>
/// <param name="configPath">File with the server's settings, which tell where its database is if that is not in the folder; null: none.</param>
internal sealed class ServerCheck(string program, string dataPath, string? configPath, bool everyNode)
{
    private const int Agreement = 0;
    private const int Disagreement = 1;

    /// <exception cref="VpsAdminException">It could not look.</exception>
    public async Task<IReadOnlyList<ConsistencyFinding>> RunAsync(CancellationToken cancel)
    {
        string[] command =
        [
            .. ServerProgram.Command(program), "check", "--json", "--data", dataPath,
            .. configPath is null ? (string[])[] : ["--config", configPath],
            .. everyNode ? (string[])["--every-node"] : [],
        ];
        try
        {
            var process = OwnedProcess.Start(new ProcessSpec(command[0], command[1..], RedirectOutput: true));
            await using (process.ConfigureAwait(false))
            {
                using var output = new StreamReader(process.StandardOutput);
                var findings = new List<ConsistencyFinding>();
                while (await output.ReadLineAsync(cancel).ConfigureAwait(false) is { } line)
                    findings.Add(JsonSerializer.Deserialize(line, ConsistencyJson.Default.ConsistencyFinding) ?? throw new JsonException("It says null."));
                var result = await process.Completion.WaitAsync(cancel).ConfigureAwait(false);
                // A program that fell over ends with 1 as well, and has found nothing.
                return (result.ExitCode, findings.Count) is (Agreement, 0) or (Disagreement, > 0)
                    ? findings
                    : throw Failed(result.StandardError.Trim(), null);
            }
        }
        catch (Exception e) when (e is Win32Exception or JsonException)
        {
            throw Failed($"'{program}': {e.Message}", e);
        }
    }

    private VpsAdminException Failed(string words, Exception? inner) => new(Errors.CheckFailed, $"The server of '{dataPath}' cannot be checked: {words}", dataPath, inner);
}
