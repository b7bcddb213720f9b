using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>In the middle of an export, one thing after another dies. The export ends right, and each of its steps is done once.</summary>
public sealed class ManyServersTests(ManyServers many) : IClassFixture<ManyServers>
{
    private const string Leads = "This server runs chains";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_export_and_who_downloads_it_outlive_the_server_that_runs_it_a_broker_the_database_and_the_network()
    {
        many.Require();
        using var zfs = await GatedZfs.CreateAsync(Cancel, at: GateAt.Output);
        var first = await many.StartServerAsync("a");
        await many.AddNodeAsync();
        await using var second = await many.StartServerAsync("b");
        await using var relay = new Relay(many.Brokers[0].Url);
        await using var node = await many.StartNodeAsync(zfs.Folder, relay.Url);
        var (near, far) = (await many.ConnectAsync("a"), await many.ConnectAsync("b"));
        var snapshot = await many.CreateSnapshotAsync(far, bytes: 4 << 20);
        var (download, chain) = await near.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Stream, sendMail: false, Cancel);
        await zfs.WaitingAsync(Cancel);
        using var client = await SavingClient.BeginAsync(many, "b", snapshot, Cancel);

        // The server that runs chains is killed; the other, at which somebody waits, takes over.
        await first.SignalAsync("KILL");
        Assert.Equal(137, await first.EndAsync(Cancel));
        await second.LineAsync(Leads, Cancel);
        await first.DisposeAsync();

        // A broker that the node does not go through is killed, the node is cut off, and the database goes away while the export is finished.
        await many.Brokers[2].KillAsync();
        relay.Cut();
        await many.Postgres.StopAsync(Cancel);
        zfs.Open();
        await many.Postgres.StartAgainAsync(Cancel);
        relay.Heal();

        await FollowAsync(far, chain!.Value);
        await client.RequireFileAsync(await far.GetDownloadAsync(download.Id, Cancel), Cancel);
        var transactions = (await far.Api.CallAsync("transaction#index", [], new JsonObject { ["transaction_chain"] = chain.Value }, null, Cancel)).List;
        Assert.Single(zfs.Calls);
        Assert.All(transactions, static t => Assert.Equal(("done", true), ((string?)t["done"], (bool)t["success"]!)));
        await many.Brokers[2].RestartAsync(Cancel);
    }

    /// <summary>Also while the server has no database: a client asks again.</summary>
    private static async Task FollowAsync(VpsAdminClient admin, long chain)
    {
        using var look = new PeriodicTimer(TimeSpan.FromSeconds(1));
        while (true)
        {
            try
            {
                await admin.WaitAsync(chain, null, Cancel);
                return;
            }
            catch (HaveApiException e) when (e is not (ActionFailedException or ActionAbortedException))
            {
                await look.WaitForNextTickAsync(Cancel);
            }
        }
    }
}
