using System.Text.Json.Nodes;
using VpsAdmin.Client;

namespace VpsAdmin.NodeHost.Tests.Network;

/// <summary>
/// A node, or a server with it, in a namespace of its own; broker, database and client in another. The cable between them is cut in the middle of an export.
/// </summary>
public sealed class PartitionedExports : PartitionedServers
{
    private const string Leads = "This server runs chains";

    [Fact(Explicit = true)]
    public async Task Of_a_node_that_is_cut_off_the_export_ends_and_the_download_goes_on()
    {
        Many.Require();
        await using var server = await Many.StartServerAsync("a");
        await Many.AddNodeAsync();
        await ExportAsync("a", ended: () => Task.CompletedTask);
    }

    [Fact(Explicit = true)]
    public async Task Of_a_node_and_the_server_that_leads_which_are_cut_off_the_other_server_ends_the_export()
    {
        Many.Require();
        await using var first = await Many.StartServerAsync("a", Far);
        // It may have said so before it listened.
        if (!first.Output.Contains(Leads, StringComparison.Ordinal))
            await first.LineAsync(Leads, Cancel);
        await Many.AddNodeAsync();
        await using var second = await Many.StartServerAsync("b");
        await ExportAsync("b", ended: () => second.LineAsync(Leads, Cancel));
    }

    /// <summary>The node is in the other namespace.</summary>
    /// <param name="at">The server at which the client is.</param>
    /// <param name="ended">Until when the network stays cut.</param>
    private async Task ExportAsync(string at, Func<Task> ended)
    {
        var folder = Directory.CreateDirectory(Many.Below("bin")).FullName;
        var zfs = await GatedProgram.PlaceAsync(folder, "zfs", "'send '*/*", Cancel, GateAt.Output);
        await using var node = await Many.StartNodeAsync(folder, network: Far);
        var admin = await Many.ConnectAsync(at);
        var snapshot = await Many.CreateSnapshotAsync(admin, bytes: 4 << 20);
        var (download, chain) = await admin.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Stream, sendMail: false, Cancel);
        await zfs.WaitingAsync(Cancel);
        using var client = await SavingClient.BeginAsync(Many, at, snapshot, Cancel);

        await using (await PrivateNetwork.CutAsync())
        {
            zfs.Open();
            await ended();
            await client.UntilAsync(zfs.HasEnded, Cancel);
        }

        await admin.WaitAsync(chain, null, Cancel);
        await client.RequireFileAsync(await admin.GetDownloadAsync(download.Id, Cancel), Cancel);
        var transactions = (await admin.Api.CallAsync("transaction#index", [], new JsonObject { ["transaction_chain"] = chain!.Value }, null, Cancel)).List;
        Assert.NotEmpty(transactions);
        Assert.All(transactions, static t => Assert.Equal(("done", true), ((string?)t["done"], (bool)t["success"]!)));
        // A cut that outlasts the broker's patience has the work delivered again, and that begins anew: what was exported is the same.
        Assert.Single(zfs.Calls.Distinct());
    }
}
