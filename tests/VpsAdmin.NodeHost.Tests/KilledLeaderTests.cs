using System.Text.Json.Nodes;
using NATS.Client.Core;
using NATS.Client.JetStream;
using VpsAdmin.Client;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>Of three brokers the one that leads a stream dies in the middle of an export. The export ends right, and each of its steps is done once.</summary>
public sealed class KilledLeaderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("VPSADMIN_WORK")]
    [InlineData("VPSADMIN_EVENTS")]
    public async Task An_export_and_who_downloads_it_outlive_the_broker_that_leads(string stream)
    {
        await using var many = new ManyServers();
        await many.InitializeAsync();
        many.Require();
        using var zfs = await GatedZfs.CreateAsync(Cancel, at: GateAt.Output);
        await using var server = await many.StartServerAsync("a");
        await many.AddNodeAsync();
        await using var node = await many.StartNodeAsync(zfs.Folder);
        var admin = await many.ConnectAsync("a");
        var snapshot = await many.CreateSnapshotAsync(admin, bytes: 4 << 20);
        var (download, chain) = await admin.CreateDownloadAsync(snapshot.Id, null, ExportFormat.Stream, sendMail: false, Cancel);
        await zfs.WaitingAsync(Cancel);
        using var client = await SavingClient.BeginAsync(many, "a", snapshot, Cancel);

        var leader = await LeaderAsync(many.BrokerUrls, stream);
        await many.Brokers[leader].KillAsync();
        zfs.Open();

        await admin.WaitAsync(chain, null, Cancel);
        await client.RequireFileAsync(await admin.GetDownloadAsync(download.Id, Cancel), Cancel);
        var transactions = (await admin.Api.CallAsync("transaction#index", [], new JsonObject { ["transaction_chain"] = chain!.Value }, null, Cancel)).List;
        Assert.NotEmpty(transactions);
        Assert.All(transactions, static t => Assert.Equal(("done", true), ((string?)t["done"], (bool)t["success"]!)));
        Assert.Single(zfs.Calls);
        await many.Brokers[leader].RestartAsync(Cancel);
    }

    /// <summary>Index of the broker: they are named from n1 on.</summary>
    private static async Task<int> LeaderAsync(string brokers, string stream)
    {
        await using var connection = new NatsConnection(new NatsOpts { Url = brokers });
        var found = await new NatsJSContext(connection).GetStreamAsync(stream, cancellationToken: Cancel);
        return found.Info.Cluster!.Leader![1] - '1';
    }
}
