using System.CommandLine;
using System.Text.Json;
using VpsAdmin.Server.Consistency;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>vpsadmin-server check</c></summary>
internal static class CheckCommand
{
    private const int Disagreement = 1;

    public static Command Create(IConfiguration configuration, ZfsHost zfs)
    {
        var data = AdministrationCommand.DataOption(configuration);
        var everyNode = new Option<bool>("--every-node") { Description = "The pools of the other nodes are on this machine too" };
        var json = new Option<bool>("--json") { Description = "One JSON object for each finding" };
        var command = new Command("check", "Compares the database with the pools of this machine: datasets, snapshots, histories, downloads, locks, chains. Ends with 1 when they disagree, or nothing could be compared.") { data, everyNode, json };
        command.SetDatabaseAction(data, async (parsed, db, cancel) =>
        {
            var output = parsed.InvocationConfiguration.Output;
            var findings = await new ConsistencyCheck(db, parsed.GetRequiredValue(data), new PoolReader(zfs).ReadAsync).RunAsync(parsed.GetValue(everyNode), cancel).ConfigureAwait(false);
            foreach (var finding in findings)
                await output.WriteLineAsync(parsed.GetValue(json) ? JsonSerializer.Serialize(finding, FindingJson.Default.Finding) : $"{finding.Kind}: {finding.Message}").ConfigureAwait(false);
            return findings.Count == 0 ? 0 : Disagreement;
        });
        return command;
    }
}
