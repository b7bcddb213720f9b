using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Web.Tests;

/// <summary>A server with something of everything on it.</summary>
public sealed class FurnishedServer : IAsyncLifetime
{
    private readonly Dictionary<string, string> _paths = new()
    {
        ["overview"] = "/web", ["downloads"] = "/web/downloads", ["chains"] = "/web/chains", ["charts"] = "/web/charts?days=30", ["sessions"] = "/web/sessions", ["devices"] = "/web/devices", ["admin"] = "/web/admin",
        ["users"] = "/web/admin/users", ["migration-plans"] = "/web/admin/migration-plans", ["mail"] = "/web/admin/mail", ["api"] = "/web/api",
        ["api-action"] = "/web/api/snapshot_download%23create",
    };

    public RealServer Server { get; } = new();

    /// <summary>Of the administrator, once somebody has signed in.</summary>
    public IReadOnlyList<Microsoft.Playwright.Cookie>? Cookies { get; set; }

    public string Path(string page) => _paths[page];

    public async ValueTask InitializeAsync()
    {
        await Server.InitializeAsync();
        if (Server.AdminPassword.Length == 0)
            return;
        var cancel = TestContext.Current.CancellationToken;
        await Server.QueryAsync(AddWorkAsync);
        var vps = await Server.CreateVpsAsync("web.example.org");
        await Server.CreateVpsAsync("mail.example.org");
        var dataset = vps.Dataset!.Id;
        var target = await Server.TakeSnapshotAsync(dataset, "before the upgrade");
        await Server.TakeSnapshotAsync(dataset, "after the upgrade");
        await Server.BackUpAsync(dataset);
        await Server.RollBackAsync(target);
        var snapshot = await Server.TakeSnapshotAsync(dataset, "all is well");
        var download = await Server.ExportAsync(target.Id);
        var plan = (await Server.Admin.Api.CallAsync("migration_plan#create", Array.Empty<long>(), new JsonObject { ["reason"] = "node1 gets new disks" }, null, cancel)).Object!["id"]!.GetValue<long>();
        await Server.QueryAsync(db => AddSamplesAsync(db, dataset));
        await Server.Admin.Api.CallAsync("vps#update", [vps.Id], new JsonObject { ["maintenance_windows"] = "Sat 22:00-24:00, Sun 00:00-06:00" }, null, cancel);

        _paths["vps"] = Local($"/web/vpses/{vps.Id}");
        _paths["dataset"] = Local($"/web/datasets/{dataset}");
        _paths["download-new"] = Local($"/web/datasets/{dataset}/snapshots/{snapshot.Id}/download");
        _paths["roll-back"] = Local($"/web/datasets/{dataset}/snapshots/{target.Id}/roll-back");
        _paths["snapshot-delete"] = Local($"/web/datasets/{dataset}/snapshots/{snapshot.Id}/delete");
        _paths["download"] = Local($"/web/downloads/{download.Id}");
        _paths["maintenance"] = Local($"/web/vpses/{vps.Id}/maintenance");
        _paths["chain"] = Local($"/web/chains/{await Server.QueryAsync(static db => db.TransactionChains.Where(static c => c.Concerns.Any()).OrderByDescending(static c => c.Size).Select(static c => c.Id).FirstAsync())}");
        _paths["migration-plan"] = Local($"/web/admin/migration-plans/{plan}");
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>A month in which some GiB came together.</summary>
    private static async Task<int> AddSamplesAsync(VpsAdminDb db, long dataset)
    {
        var (now, pool) = (DateTimeOffset.UtcNow, db.Pools.Select(static p => p.Id).First());
        for (var day = 0; day < 30; day++)
        {
            var used = (long)((3.2 + (day * 0.11) + (day > 17 ? 1.4 : 0)) * (1L << 30));
            db.SpaceSamples.Add(new SpaceSample { DatasetId = dataset, At = now.AddDays(day - 29), Used = used / 2, Available = 1L << 40 });
            db.SpaceSamples.Add(new SpaceSample { PoolId = pool, At = now.AddDays(day - 29), Used = used, Available = 1L << 40 });
        }
        return await db.SaveChangesAsync();
    }

    /// <summary>Exports and transfers of that month.</summary>
    private static async Task<int> AddWorkAsync(VpsAdminDb db)
    {
        var (now, node) = (DateTimeOffset.UtcNow, await db.Nodes.FirstAsync());
        var other = new Server.Data.Node { Name = "node2", DomainName = "node2.example.org", LocationId = node.LocationId };
        for (var day = 29; day > 0; day -= 2)
        {
            var chain = new TransactionChain { Name = "migrate", Label = "Migrate VPS", UserId = 1, State = ChainState.Done, Size = 3, Progress = 3, CreatedAt = now.AddDays(-day), UpdatedAt = now.AddDays(-day) };
            var (bytes, seconds) = ((day * 37 % 11) + 3L << 28, 20 + (day * 13 % 17));
            chain.Transactions.Add(Step(chain, node, TransactionType.DownloadSnapshot, seconds, $$"""{"Bytes":{{bytes}},"Sha256":"{{new string('a', 64)}}"}"""));
            chain.Transactions.Add(Step(chain, day % 4 == 1 ? other : node, TransactionType.ReceiveSnapshots, 0, null));
            chain.Transactions.Add(Step(chain, day % 4 == 1 ? node : other, TransactionType.SendSnapshots, seconds * 2, null, bytes * 3));
            db.TransactionChains.Add(chain);
        }
        return await db.SaveChangesAsync();
    }

    private static Transaction Step(TransactionChain chain, Server.Data.Node node, TransactionType type, int seconds, string? output, long? sent = null) => new()
    {
        Position = chain.Transactions.Count, Node = node, Type = type, Queue = "general", OnFailure = FailurePolicy.Undo, Input = "{}", State = StepState.Done, Output = output, SentBytes = sent,
        StartedAt = chain.CreatedAt.AddSeconds(-seconds), FinishedAt = chain.CreatedAt,
    };

    private static string Local(FormattableString path) => path.ToString(CultureInfo.InvariantCulture);
}
