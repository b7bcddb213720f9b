using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>Some hundreds of the orders of <see cref="StatusOrders"/>, from all over, with the statements that production has for the rule instead of the model's.</summary>
public sealed class StatusDatabaseTests : AdministratorTests
{
    private const int Tried = 200;

    private readonly Dictionary<string, (VpsLook Look, bool Seen)> _looks = [];
    private long[] _nodes = null!;
    private long _vps;
    private long _chain;
    private (long Node, bool Runs) _real;
    private (long Node, bool Runs) _before;

    protected override async Task PrepareAsync()
    {
        await Server.LetVpsesRunAsync();
        _vps = await Server.AddVpsAsync(running: false);
        _nodes = [Server.Installation.NodeId, await Server.AddNodeAsync()];
    }

    [Fact]
    public async Task No_order_of_looks_and_operations_makes_the_status_untrue()
    {
        var all = StatusOrders.All().ToList();
        for (var index = 0; index < all.Count; index += all.Count / Tried)
        {
            await ResetAsync();
            foreach (var step in all[index])
            {
                await DoAsync(step.Split(' '));
                var row = await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == _vps).Select(static v => new { v.NodeId, v.IsRunning, v.StatusSequence }).SingleAsync(Cancel));
                // While a chain works on it nobody knows.
                if (StatusSequence.IsQuiet(row.StatusSequence))
                    Assert.True((row.NodeId, row.IsRunning!.Value) == _real, $"{string.Join(", ", all[index])}: after '{step}' the row says {row.NodeId}, {row.IsRunning}");
            }
        }
    }

    private async Task ResetAsync()
    {
        _looks.Clear();
        _real = (_nodes[0], false);
        await Server.SeatVpsAsync(_vps, _nodes[0]);
        await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == _vps).ExecuteUpdateAsync(static set => set.SetProperty(static v => v.IsRunning, false), Cancel));
    }

    private async Task DoAsync(string[] step)
    {
        switch (step)
        {
            case ["take", _]:
                _before = _real;
                _chain = await Server.QueryAsync(TakeAsync);
                break;
            case ["do", var work]:
                Work(work);
                break;
            case ["end", var operation]:
                if (operation is "fail")
                    _real = _before;
                await EndAsync(operation is "fail" or "stay" ? null : _real);
                break;
            case ["begin", var name]:
                if ((await Server.QueryAsync(static db => VpsLooks.BeginAsync(db, Cancel))).SingleOrDefault() is { } look)
                    _looks[name] = (look, false);
                break;
            case ["look", var name] when _looks.TryGetValue(name, out var begun):
                _looks[name] = begun with { Seen = _real.Runs && _real.Node == begun.Look.NodeId };
                break;
            case ["write", var name] when _looks.TryGetValue(name, out var seen):
                await Server.QueryAsync(db => VpsLooks.EndAsync(db, [seen.Look], [new VpsSample(_vps, seen.Seen)], DateTimeOffset.UtcNow, Cancel));
                break;
        }
    }

    private void Work(string work) => _real = work switch
    {
        "start" => _real with { Runs = true },
        "stop" or "leave" => _real with { Runs = false },
        "fail" => _real with { Runs = !_real.Runs },
        "arrive" => (_nodes.Single(node => node != _before.Node), _before.Runs),
        _ => _before,
    };

    private async Task<long> TakeAsync(VpsAdminDb db)
    {
        await using var writing = await db.BeginWritingAsync(Cancel);
        var now = DateTimeOffset.UtcNow;
        // Nobody carries it on: it stays staged.
        var chain = new TransactionChain { Name = "test", Label = "Test", UserId = 1, State = ChainState.Staged, CreatedAt = now, UpdatedAt = now };
        db.TransactionChains.Add(chain);
        await db.SaveChangesAsync(Cancel);
        await VpsChange.BeginAsync(db, new ChainBuilder(db, chain, TimeProvider.System), await db.Vpses.SingleAsync(v => v.Id == _vps, Cancel), Cancel);
        await writing.CommitAsync(Cancel);
        return chain.Id;
    }

    /// <param name="established">By the chain; null: it has failed.</param>
    private async Task EndAsync((long Node, bool Runs)? established)
    {
        await Server.QueryAsync(async db =>
        {
            await using var writing = await db.BeginWritingAsync(Cancel);
            if (established is { } now)
            {
                var vps = await db.Vpses.SingleAsync(v => v.Id == _vps, Cancel);
                (vps.NodeId, vps.IsRunning) = (now.Node, now.Runs);
                var pool = await db.Pools.Where(p => p.NodeId == now.Node).Select(static p => p.Id).FirstAsync(Cancel);
                await db.DatasetInPools.Where(i => i.DatasetId == vps.DatasetId).ExecuteUpdateAsync(set => set.SetProperty(static i => i.PoolId, pool), Cancel);
            }
            await VpsChange.SettleAsync(db, _chain, Cancel);
            db.ResourceLocks.RemoveRange(await db.ResourceLocks.Where(l => l.ChainId == _chain).ToListAsync(Cancel));
            await db.SaveChangesAsync(Cancel);
            await writing.CommitAsync(Cancel);
            return true;
        });
    }
}
