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
        var mail = await Server.CreateVpsAsync("mail.example.org");
        var dataset = vps.Dataset!.Id;
        var target = await Server.TakeSnapshotAsync(dataset, "before the upgrade");
        await Server.TakeSnapshotAsync(dataset, "after the upgrade");
        await Server.BackUpAsync(dataset);
        await Server.RollBackAsync(target);
        var snapshot = await Server.TakeSnapshotAsync(dataset, "all is well");
        var download = await Server.ExportAsync(target.Id);
        var plan = (await Server.Admin.Api.CallAsync("migration_plan#create", Array.Empty<long>(), new JsonObject { ["reason"] = "node1 gets new disks" }, null, cancel)).Object!["id"]!.GetValue<long>();
        var other = await Server.QueryAsync(AddPoolAsync);
        foreach (var moving in (long[])[vps.Id, mail.Id])
            await Server.Admin.Api.CallAsync("migration_plan.vps_migration#create", [plan], new JsonObject { ["vps"] = moving, ["dst_node"] = other }, null, cancel);
        await Server.QueryAsync(db => AddSamplesAsync(db, dataset));
        var growing = await AddGrowingDownloadAsync((await Server.TakeSnapshotAsync(mail.Dataset!.Id)).Id);
        var member = await Server.QueryAsync(static db => AddMemberAsync(db));
        var failed = await Server.QueryAsync(static db => AddFailedChainAsync(db));
        await Server.Admin.Api.CallAsync("vps#update", [vps.Id], new JsonObject { ["maintenance_windows"] = "Sat 22:00-24:00, Sun 00:00-06:00" }, null, cancel);

        _paths["vps"] = Local($"/web/vpses/{vps.Id}");
        _paths["dataset"] = Local($"/web/datasets/{dataset}");
        _paths["download-new"] = Local($"/web/datasets/{dataset}/snapshots/{snapshot.Id}/download");
        _paths["roll-back"] = Local($"/web/datasets/{dataset}/snapshots/{target.Id}/roll-back");
        _paths["snapshot-delete"] = Local($"/web/datasets/{dataset}/snapshots/{snapshot.Id}/delete");
        _paths["download"] = Local($"/web/downloads/{download.Id}");
        _paths["download-growing"] = Local($"/web/downloads/{growing}");
        _paths["user"] = Local($"/web/admin/users/{member}");
        _paths["chain-failed"] = Local($"/web/chains/{failed}");
        _paths["maintenance"] = Local($"/web/vpses/{vps.Id}/maintenance");
        _paths["chain"] = Local($"/web/chains/{await Server.QueryAsync(static db => db.TransactionChains.Where(static c => c.Concerns.Any()).OrderByDescending(static c => c.Size).Select(static c => c.Id).FirstAsync())}");
        _paths["migration-plan"] = Local($"/web/admin/migration-plans/{plan}");
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>The other node gets a pool, so that VPSes may move to it.</summary>
    /// <returns>Id of the node.</returns>
    private static async Task<long> AddPoolAsync(VpsAdminDb db)
    {
        var node = await db.Nodes.SingleAsync(static n => n.Name == "node2");
        db.Pools.Add(new() { Node = node, Label = "node2", Filesystem = "node2/vps", Role = PoolRole.Hypervisor });
        await db.SaveChangesAsync();
        return node.Id;
    }

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
        var other = new Server.Data.Node { Name = "node2", DomainName = "node2.example.org", LocationId = node.LocationId, StreamAddress = "node2.example.org:4569" };
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

    /// <summary>A file of which a part is there, and a node that never comes to its end.</summary>
    private async Task<long> AddGrowingDownloadAsync(long snapshot)
    {
        var download = new SnapshotDownload
        {
            UserId = 1, SnapshotId = snapshot, PoolId = Server.Installation.PoolId, Format = DownloadFormat.Archive, FileName = "1__growing.tar.gz", SecretKey = new string('b', 100),
            Size = 5300, ExpirationDate = DateTimeOffset.UtcNow.AddDays(7), Confirmed = Confirmed.Create,
        };
        await Server.QueryAsync(async db =>
        {
            db.SnapshotDownloads.Add(download);
            await db.SaveChangesAsync();
            var now = DateTimeOffset.UtcNow;
            var chain = new TransactionChain { Name = "full_download", Label = "Download", UserId = 1, State = ChainState.Queued, Size = 1, CreatedAt = now, UpdatedAt = now };
            chain.Transactions.Add(new Transaction
            {
                Position = 0, NodeId = Server.Installation.NodeId, Type = TransactionType.DownloadSnapshot, Queue = "zfs_send", OnFailure = FailurePolicy.Undo, Input = "{}",
                SubjectId = download.Id, State = StepState.Running, StartedAt = now,
            });
            db.TransactionChains.Add(chain);
            return await db.SaveChangesAsync();
        });
        var folder = Directory.CreateDirectory(System.IO.Path.Combine(Server.Installation.DownloadFolder!, download.SecretKey));
        await File.WriteAllBytesAsync(System.IO.Path.Combine(folder.FullName, download.FileName), new byte[700 << 10]);
        return download.Id;
    }

    /// <summary>With a device and a session.</summary>
    private static async Task<long> AddMemberAsync(VpsAdminDb db)
    {
        var now = DateTimeOffset.UtcNow;
        var member = new User { Login = "alice", PasswordHash = "", FullName = "Alice Novák", Email = "alice@example.org", Level = 1, CreatedAt = now.AddDays(-90) };
        db.TotpDevices.Add(new TotpDevice { User = member, Label = "phone", Secret = "", Confirmed = true, Enabled = true, CreatedAt = now.AddDays(-80), LastUseAt = now.AddHours(-3) });
        db.UserSessions.Add(new UserSession
        {
            User = member, AuthType = "token", Label = "nightly backup", ClientAddress = "192.0.2.9", UserAgent = null, Scope = "all", TokenFragment = "1f00c0de",
            Lifetime = TokenLifetime.Permanent, Interval = TimeSpan.Zero, CreatedAt = now.AddDays(-60), LastRequestAt = now.AddHours(-5),
        });
        await db.SaveChangesAsync();
        return member.Id;
    }

    private static async Task<long> AddFailedChainAsync(VpsAdminDb db)
    {
        var (now, node) = (DateTimeOffset.UtcNow, await db.Nodes.FirstAsync());
        var chain = new TransactionChain { Name = "rollback", Label = "Rollback", UserId = 1, State = ChainState.Failed, Size = 2, CreatedAt = now, UpdatedAt = now };
        chain.Transactions.Add(Step(chain, node, TransactionType.CreateSnapshot, 3, null));
        chain.Transactions.Add(Step(chain, node, TransactionType.RollbackDataset, 1, null));
        chain.Transactions[0].State = StepState.Undone;
        (chain.Transactions[1].State, chain.Transactions[1].Error) = (StepState.Failed, "cannot rollback to 'tank/vps/1@2026-11-26T10:00:00': dataset is busy");
        db.TransactionChains.Add(chain);
        await db.SaveChangesAsync();
        return chain.Id;
    }

    private static Transaction Step(TransactionChain chain, Server.Data.Node node, TransactionType type, int seconds, string? output, long? sent = null) => new()
    {
        Position = chain.Transactions.Count, Node = node, Type = type, Queue = "general", OnFailure = FailurePolicy.Undo, Input = "{}", State = StepState.Done, Output = output, SentBytes = sent,
        StartedAt = chain.CreatedAt.AddSeconds(-seconds), FinishedAt = chain.CreatedAt,
    };

    private static string Local(FormattableString path) => path.ToString(CultureInfo.InvariantCulture);
}
