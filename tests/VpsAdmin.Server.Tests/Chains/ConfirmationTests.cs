using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Chains;

public sealed class ConfirmationTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Confirmations_are_carried_out_all_together_when_the_chain_ends(bool success)
    {
        await using var server = await RunningServer.StartAsync();
        var chain = await StartAsync(server);

        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        var last = await server.Node.NextAsync(Cancel);
        Assert.Equal("edited=1 before=B after=A created=Create doomed=Destroy label=L new=N", await DescribeAsync(server));
        if (success)
        {
            server.Node.Succeed(last);
            await server.WaitForAsync(chain, ChainState.Done);
            Assert.Equal("edited=2 before=B after=changed created=Yes doomed=gone label=gone new=N", await DescribeAsync(server));
        }
        else
        {
            server.Node.Fail(last);
            server.Node.Succeed(await server.Node.NextAsync(Cancel));
            server.Node.Succeed(await server.Node.NextAsync(Cancel));
            await server.WaitForAsync(chain, ChainState.Failed);
            Assert.Equal("edited=1 before=old after=A created=gone doomed=Yes label=L new=gone", await DescribeAsync(server));
        }
    }

    [Fact]
    public async Task A_confirmation_that_cannot_be_carried_out_takes_all_others_back()
    {
        await using var server = await RunningServer.StartAsync();
        await server.AddDatasetAsync("parent");
        var other = await server.AddDatasetAsync("other");
        var (dataset, chain) = await server.UseAsync<ChainStarter, StartedChain<long>>((chains, db) => chains.StartAsync(new("x", "X"), 1, async builder =>
        {
            var row = new Dataset { FullName = "101", UserId = 1, CreatedAt = DateTimeOffset.UtcNow };
            db.Datasets.Add(row);
            await db.SaveChangesAsync(Cancel);
            await builder.LockAsync<Dataset>(row.Id, Cancel);
            builder.Append(1, TransactionType.CreateDataset, new JsonObject()).Create(row)
                // No number fits: the whole end of the chain has to wait for an administrator.
                .EditAfter<Dataset>(other, (nameof(Dataset.CurrentHistoryId), "not a number"));
            return row.Id;
        }, Cancel));
        server.Node.Succeed(await server.Node.NextAsync(Cancel));

        // What comes behind is handled all the same, and shows that the first report is through.
        var next = await server.UseAsync<ChainStarter, StartedChain<long>>((chains, db) => chains.StartAsync(new("y", "Y"), 1, builder =>
        {
            builder.Append(1, TransactionType.CreateDataset, new JsonObject());
            return Task.FromResult(0L);
        }, Cancel));
        server.Node.Succeed(await server.Node.NextAsync(Cancel));
        await server.WaitForAsync(next.ChainId, ChainState.Done);

        var (state, step, confirmed, locks) = await server.QueryAsync(async db => (
            (await db.TransactionChains.SingleAsync(c => c.Id == chain, Cancel)).State,
            (await db.Transactions.SingleAsync(t => t.ChainId == chain, Cancel)).State,
            (await db.Datasets.SingleAsync(d => d.Id == dataset, Cancel)).Confirmed,
            await db.ResourceLocks.CountAsync(Cancel)));
        Assert.Equal((ChainState.Queued, StepState.Running, Confirmed.Create, 1), (state, step, confirmed, locks));
    }

    private static async Task<long> StartAsync(RunningServer server)
    {
        var edited = await server.AddDatasetAsync("edited");
        var doomed = await server.AddDatasetAsync("doomed-dataset");
        var (user, fresh) = (await server.AddUserAsync("label"), await server.AddUserAsync("new"));
        var started = await server.UseAsync<ChainStarter, StartedChain<long>>((chains, db) => chains.StartAsync(new("x", "X"), 1, async builder =>
        {
            var admin = await db.Users.SingleAsync(static u => u.Login == "admin", Cancel);
            admin.FullName = "old";
            admin.Email = "A";
            var created = new Dataset { FullName = "created", UserId = 1, CreatedAt = DateTimeOffset.UtcNow };
            db.Datasets.Add(created);
            var row = await db.Datasets.SingleAsync(d => d.Id == edited, Cancel);
            row.CurrentHistoryId = 1;
            await db.SaveChangesAsync(Cancel);
            builder.Append(1, TransactionType.CreateDataset, new JsonObject())
                .Create(created)
                .Increment<Dataset>(edited, nameof(Dataset.CurrentHistoryId));
            builder.Append(1, TransactionType.CreateDataset, new JsonObject())
                .EditBefore(admin, (nameof(User.FullName), "B"))
                .EditAfter<User>(admin.Id, (nameof(User.Email), "changed"))
                .Destroy(await db.DatasetInPools.SingleAsync(i => i.DatasetId == doomed, Cancel))
                .JustDestroy<User>(user)
                .JustCreate<User>(fresh);
            return created.Id;
        }, Cancel));
        return started.ChainId;
    }

    private static Task<string> DescribeAsync(RunningServer server) => server.QueryAsync(async db =>
    {
        var edited = await db.Datasets.SingleAsync(static d => d.FullName == "edited", Cancel);
        var admin = await db.Users.SingleAsync(static u => u.Login == "admin", Cancel);
        var created = await db.Datasets.SingleOrDefaultAsync(static d => d.FullName == "created", Cancel);
        var doomed = await db.DatasetInPools.SingleOrDefaultAsync(static i => i.Dataset.FullName == "doomed-dataset", Cancel);
        var label = await db.Users.AnyAsync(static u => u.Login == "label", Cancel);
        var fresh = await db.Users.AnyAsync(static u => u.Login == "new", Cancel);
        return $"edited={edited.CurrentHistoryId} before={admin.FullName} after={admin.Email} created={created?.Confirmed.ToString() ?? "gone"} "
            + $"doomed={doomed?.Confirmed.ToString() ?? "gone"} label={(label ? "L" : "gone")} new={(fresh ? "N" : "gone")}";
    });
}
