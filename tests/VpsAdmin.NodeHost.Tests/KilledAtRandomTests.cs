using System.Globalization;
using System.Security.Cryptography;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Lab;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>
/// A server, a node, and a node with backups are killed at any moment in the middle of their work, while backups go on beside, and started again: the work comes to its end, and
/// database and pools agree. The moment is drawn from what each of them does in the work, and not from a clock. How often: <see cref="Extent.ClusterKills"/>.
/// </summary>
public sealed class KilledAtRandomTests(Cluster cluster, ITestOutputHelper output) : IClassFixture<Cluster>, IAsyncLifetime
{
    private const string Server = "server";
    private const string Node = "node";
    private const string Vault = "vault";

    private static readonly string[] Victims = [Server, Node, Vault];

    private static readonly string[] Works = ["snapshot", "export", "rollback", "removal"];

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly int _seed = Environment.TickCount;
    private readonly Dictionary<(string Work, string Victim), long> _calls = [];
    private ChildProgram? _node;
    private ChildProgram? _vault;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        await using var vault = _vault;
        await using var node = _node;
    }

    [Fact]
    public async Task Work_comes_to_its_end_and_database_and_pools_agree_after_any_kill()
    {
        cluster.Require();
        (_node, _vault) = (await cluster.StartNodeAsync(), await cluster.StartVaultAsync());
        foreach (var work in Works)
            await RoundAsync(work, victim: null, share: 1);
        var random = new Random(_seed);
        for (var kills = 0; kills < Extent.ClusterKills;)
        {
            var (work, victim, share) = (Works[random.Next(Works.Length)], Victims[random.Next(Victims.Length)], random.NextDouble());
            var round = string.Create(CultureInfo.InvariantCulture, $"seed {_seed}, kill {kills}: {work}, {victim}, behind {share:P0}");
            output.WriteLine(round);
            try
            {
                kills += await RoundAsync(work, victim, share) ? 1 : 0;
            }
            catch (Exception e) when (!Cancel.IsCancellationRequested)
            {
                throw new InvalidOperationException(round, e);
            }
        }
    }

    /// <param name="victim">Null: none; what each of them does in the work is counted.</param>
    /// <param name="share">Of what the victim has to do in the work, what it does before it is killed.</param>
    /// <returns>Whether there was still something to be killed in.</returns>
    private async Task<bool> RoundAsync(string work, string? victim, double share)
    {
        var (vps, snapshot) = await cluster.CreateVpsAsync();
        var dataset = vps.Dataset!.Id;
        var removed = work == "removal" ? await MakeDatasetAsync(dataset) : 0;
        var before = Victims.ToDictionary(static v => v, v => Program(v).Calls);
        var chain = await AcceptedAsync(async () => work == "removal"
            ? (await cluster.Admin.Api.CallAsync("dataset#delete", [removed], null, null, Cancel)).ActionStateId
            : await KilledServerTests.BeginAsync(cluster.Admin, work, dataset, snapshot.Id));

        var inTime = victim is not null && await KillAsync(victim, before[victim] + (long)(share * _calls[(work, victim)]), chain);

        await cluster.Admin.WaitAsync(chain, null, Cancel).WaitAsync(Patience, Cancel);
        if (victim is null)
        {
            foreach (var program in Victims)
                _calls[(work, program)] = Program(program).Calls - before[program];
        }
        await AgreedAsync();
        Assert.Equal(work == "snapshot" ? 2 : 1, (await cluster.Admin.GetSnapshotsAsync(dataset, Cancel)).Count);
        if (work == "export")
            await RequireFileAsync(snapshot.Id);
        return inTime;
    }

    /// <summary>Kills one when it has called the kernel so often, or its chain has ended, and starts it again.</summary>
    /// <returns>Whether the chain had not ended.</returns>
    private async Task<bool> KillAsync(string victim, long calls, long? chain)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var ended = cluster.Admin.WaitAsync(chain, null, enough.Token);
        await Program(victim).CallsAsync(calls, () => ended.IsCompleted, Cancel);
        var inTime = !ended.IsCompleted;
        await Program(victim).SignalAsync("KILL");
        await enough.CancelAsync();
        await ((Task)ended).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await RestartAsync(victim);
        return inTime;
    }

    private async Task<long> MakeDatasetAsync(long parent)
    {
        var made = await AcceptedAsync(() => cluster.Admin.CreateDatasetAsync(parent, $"d{Guid.NewGuid():N}", Cancel));
        await cluster.Admin.WaitAsync(made.ActionStateId, null, Cancel);
        return made.Value.Id;
    }

    private async Task RestartAsync(string victim)
    {
        await Program(victim).EndAsync(Cancel);
        await Program(victim).DisposeAsync();
        switch (victim)
        {
            case Server:
                await cluster.StartServerAsync();
                break;
            case Node:
                _node = await cluster.StartNodeAsync();
                break;
            default:
                _vault = await cluster.StartVaultAsync();
                break;
        }
    }

    private ChildProgram Program(string victim) => victim switch { Server => cluster.Server, Node => _node!, _ => _vault! };

    /// <summary>Asks again while a backup has the dataset.</summary>
    private static async Task<T> AcceptedAsync<T>(Func<Task<T>> begin)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience);
        while (true)
        {
            try
            {
                return await begin();
            }
            catch (ActionFailedException e) when (e.IsLocked)
            {
                await look.WaitForNextTickAsync(limit.Token);
            }
        }
    }

    /// <summary>Backups go on meanwhile: what one of them has begun is not what they disagree about in the end.</summary>
    private async Task AgreedAsync()
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (await ChildProgram.RunAsync("vpsadmin-server", Cancel, "check", "--every-node", "--data", cluster.Data) is var result && result != (0, "", ""))
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < Patience, result.ToString());
    }

    /// <summary>The file of a snapshot's export is there, and is what the server says.</summary>
    private async Task RequireFileAsync(long snapshot)
    {
        var download = Assert.Single(await cluster.Admin.GetDownloadsAsync(snapshot, Cancel));
        var root = (await cluster.Zfs.GetFilesystemAsync(cluster.Filesystem, Cancel)).Mountpoint!;
        var file = Assert.Single(Directory.GetFiles(root, download.FileName, SearchOption.AllDirectories));
        await using var content = File.OpenRead(file);
        Assert.Equal(download.Sha256, Convert.ToHexStringLower(await SHA256.HashDataAsync(content, Cancel)));
        await cluster.Admin.WaitAsync((await cluster.Admin.DeleteDownloadAsync(download.Id, Cancel)).ActionStateId, null, Cancel);
    }
}
