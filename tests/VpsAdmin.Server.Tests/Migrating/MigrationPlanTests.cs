using System.Data.Common;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.HaveApi;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Migrating;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Tests.Vpses;

namespace VpsAdmin.Server.Tests.Migrating;

/// <summary>Plans over HTTP; VPSes have no system here, so that a move is short, and its nodes are the test's.</summary>
public sealed class MigrationPlanTests : AdministratorTests
{
    private readonly List<long> _vpses = [];
    private long _target;

    protected override async Task PrepareAsync()
    {
        _target = await Server.AddNodeAsync();
        foreach (var _ in Enumerable.Range(0, 3))
            _vpses.Add(await Server.AddVpsAsync(template: null));
    }

    [Fact]
    public async Task A_plan_moves_its_vpses_a_few_at_a_time()
    {
        var plan = await PlanAsync(concurrency: 2);
        Assert.Equal("running", (string?)(await Api.CallAsync("migration_plan#start", [plan], null, null, Cancel)).Object["state"]);
        var (first, second) = (await Server.Node.NextAsync(Cancel), await Server.Node.NextAsync(Cancel));
        Assert.True(Server.Node.IsIdle);
        Assert.Equal(["running", "running", "queued"], await StatesAsync(plan));

        await FailAsync(first);
        var other = await CreateAsync(10);
        Assert.Equal("is already in a migration plan", (await Assert.ThrowsAsync<ActionFailedException>(() => AddAsync(other, _vpses[1]))).Errors["vps"].Single());
        // The error stops what had not begun; what had goes on.
        await Server.WaitUntilAsync(db => db.MigrationPlans.AnyAsync(p => p.Id == plan && p.State == MigrationPlanState.Failing));
        await FailAsync(second);
        await Server.WaitUntilAsync(db => db.MigrationPlans.AnyAsync(p => p.Id == plan && p.State == MigrationPlanState.Error));
        Assert.Equal(["error", "error", "cancelled"], await StatesAsync(plan));
    }

    [Fact]
    public async Task However_many_carry_a_plan_on_it_begins_no_more_than_it_may()
    {
        var plan = await PlanAsync(concurrency: 1);
        await Server.QueryAsync(db => db.MigrationPlans.Where(p => p.Id == plan).ExecuteUpdateAsync(static set => set.SetProperty(static p => p.State, MigrationPlanState.Running)));
        await Parallel.ForEachAsync(Enumerable.Range(0, 8), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel }, async (_, cancel) =>
        {
            await using var scope = Server.Services.CreateAsyncScope();
            await scope.ServiceProvider.GetRequiredService<MigrationPlanRun>().ContinueAsync(plan, cancel);
        });
        Assert.Equal(["running", "queued", "queued"], await StatesAsync(plan));
    }

    [Fact]
    public async Task A_plan_that_goes_on_after_errors_tries_all()
    {
        var plan = await PlanAsync(concurrency: 1, stopOnError: false);
        await Api.CallAsync("migration_plan#start", [plan], null, null, Cancel);
        foreach (var _ in _vpses)
            await FailAsync(await Server.Node.NextAsync(Cancel));
        await Server.WaitUntilAsync(db => db.MigrationPlans.AnyAsync(p => p.Id == plan && p.State == MigrationPlanState.Done));
        Assert.Equal(["error", "error", "error"], await StatesAsync(plan));
    }

    [Fact]
    public async Task What_is_cancelled_ends_what_it_has_begun()
    {
        var plan = await PlanAsync(concurrency: 1);
        Assert.EndsWith("This migration plan is not running", (await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("migration_plan#cancel", [plan], null, null, Cancel))).Message, StringComparison.Ordinal);
        await Api.CallAsync("migration_plan#start", [plan], null, null, Cancel);
        Assert.EndsWith("This migration plan has already been started", (await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("migration_plan#start", [plan], null, null, Cancel))).Message, StringComparison.Ordinal);
        Assert.Equal("cancelling", (string?)(await Api.CallAsync("migration_plan#cancel", [plan], null, null, Cancel)).Object["state"]);
        Assert.Equal(["running", "cancelled", "cancelled"], await StatesAsync(plan));
        await FailAsync(await Server.Node.NextAsync(Cancel));
        await Server.WaitUntilAsync(db => db.MigrationPlans.AnyAsync(p => p.Id == plan && p.State == MigrationPlanState.Cancelled));
    }

    [Fact]
    public async Task A_plan_survives_the_server()
    {
        var plan = await PlanAsync(concurrency: 1, stopOnError: false);
        await Api.CallAsync("migration_plan#start", [plan], null, null, Cancel);
        await Server.Node.NextAsync(Cancel);
        await Server.RestartAsync();
        foreach (var _ in _vpses)
            await FailAsync(await Server.Node.NextAsync(Cancel));
        await Server.WaitUntilAsync(db => db.MigrationPlans.AnyAsync(p => p.Id == plan && p.State == MigrationPlanState.Done));
    }

    [Fact]
    public async Task A_vps_that_is_locked_or_whose_window_is_closed_waits()
    {
        var closed = DateTimeOffset.UtcNow.AddDays(3).UtcDateTime.DayOfWeek.ToString()[..3] + " 00:00-00:01";
        await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == _vpses[0]).ExecuteUpdateAsync(set => set.SetProperty(static v => v.MaintenanceWindows, closed)));
        var busy = (await Api.CallAsync("vps#migrate", [_vpses[1]], new JsonObject { ["node"] = _target }, null, Cancel)).ActionStateId!.Value;
        var other = await Server.Node.NextAsync(Cancel);
        var plan = await PlanAsync(concurrency: 10);
        await Api.CallAsync("migration_plan#start", [plan], null, null, Cancel);
        Assert.Equal(["queued", "queued", "running"], await StatesAsync(plan));
        await Server.Node.NextAsync(Cancel);

        await FailAsync(other);
        await Server.WaitForAsync(busy, ChainState.Failed);
        // As each minute.
        await Server.UseAsync<MigrationPlanRun, bool>(async (run, _) =>
        {
            await run.ContinueAsync(plan, Cancel);
            return true;
        });
        Assert.Equal(["queued", "running", "running"], await StatesAsync(plan));
    }

    [Fact]
    public async Task A_plan_that_waits_keeps_no_writer_out_however_many_vpses_it_has()
    {
        var closed = DateTimeOffset.UtcNow.AddDays(3).UtcDateTime.DayOfWeek.ToString()[..3] + " 00:00-00:01";
        await Server.QueryAsync(db => db.Vpses.Where(v => v.Id != _vpses[0]).ExecuteUpdateAsync(set => set.SetProperty(static v => v.MaintenanceWindows, closed)));
        await Api.CallAsync("vps#migrate", [_vpses[0]], new JsonObject { ["node"] = _target }, null, Cancel);
        var plan = await PlanAsync(concurrency: 10);
        await Api.CallAsync("migration_plan#start", [plan], null, null, Cancel);

        var seen = new Statements();
        await using var scope = Server.Services.CreateAsyncScope();
        await using var db = TestDatabase.Watched(scope.ServiceProvider.GetRequiredService<VpsAdminDb>(), seen);
        await ActivatorUtilities.CreateInstance<MigrationPlanRun>(scope.ServiceProvider, db).ContinueAsync(plan, Cancel);
        Assert.Equal((2, 0), (seen.Queries, seen.Transactions));
        Assert.Equal(["queued", "queued", "queued"], await StatesAsync(plan));
    }

    [Fact]
    public async Task Plans_are_looked_at_when_one_has_changed_and_each_minute_and_not_for_chains_of_others()
    {
        var closed = DateTimeOffset.UtcNow.AddDays(3).UtcDateTime.DayOfWeek.ToString()[..3] + " 00:00-00:01";
        await Server.QueryAsync(db => db.Vpses.ExecuteUpdateAsync(set => set.SetProperty(static v => v.MaintenanceWindows, closed)));
        await Api.CallAsync("migration_plan#start", [await PlanAsync(concurrency: 10)], null, null, Cancel);
        var (looks, signals, time) = (new Looks(Server.Services.GetRequiredService<IServiceScopeFactory>()), new ChainSignals(), new FakeTimeProvider());
        using var runner = new MigrationPlanRunner(looks, signals, time, NullLogger<MigrationPlanRunner>.Instance);
        await runner.StartAsync(Cancel);
        await looks.ReachAsync(2);
        for (var other = 1; other <= 50; other++)
        {
            signals.Changed(other);
            await Server.QueryAsync(db => db.Vpses.CountAsync(Cancel));
        }
        Assert.Equal(2, looks.Count);

        time.Advance(TimeSpan.FromMinutes(1));
        await looks.ReachAsync(4);
        signals.Changed(null);
        await looks.ReachAsync(6);
        await runner.StopAsync(Cancel);
    }

    [Fact]
    public async Task A_vps_that_moved_meanwhile_is_passed_over()
    {
        var plan = await PlanAsync(concurrency: 1);
        await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == _vpses[0]).ExecuteUpdateAsync(set => set.SetProperty(static v => v.NodeId, _target)));
        await Api.CallAsync("migration_plan#start", [plan], null, null, Cancel);
        Assert.Equal(["cancelled", "running", "queued"], await StatesAsync(plan));
    }

    [Fact]
    public async Task What_cannot_move_is_refused_when_it_is_added()
    {
        var plan = await CreateAsync(concurrency: 1);
        var (storage, poolless) = (await Server.AddNodeAsync("node3"), await Server.AddNodeAsync("node4"));
        await Server.QueryAsync(db => db.Nodes.Where(n => n.Id == storage).ExecuteUpdateAsync(static set => set.SetProperty(static n => n.RunsVpses, false)));
        await Server.QueryAsync(db => db.Pools.Where(p => p.NodeId == poolless).ExecuteDeleteAsync());
        await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == _vpses[0]).ExecuteUpdateAsync(static set => set.SetProperty(static v => v.State, VpsState.SoftDelete)));

        Assert.Contains("this VPS is deleted", (await RefusedAsync(plan, _vpses[0], _target)).Message, StringComparison.Ordinal);
        Assert.Equal("is the one that the VPS is on", (await RefusedAsync(plan, _vpses[1], Server.Installation.NodeId)).Errors["dst_node"].Single());
        Assert.Equal("has no pool for datasets", (await RefusedAsync(plan, _vpses[1], poolless)).Errors["dst_node"].Single());
        Assert.Contains("does not run VPSes", (await RefusedAsync(plan, await Server.AddVpsAsync(), storage)).Message, StringComparison.Ordinal);
        Assert.Empty(await StatesAsync(plan));
        // One without a system needs nothing but storage.
        await AddAsync(plan, _vpses[1], storage);
    }

    [Fact]
    public async Task A_plan_is_started_or_deleted_and_never_both()
    {
        foreach (var _ in Enumerable.Range(0, 40))
        {
            var plan = await CreateAsync(concurrency: 1);
            var done = await Task.WhenAll(SucceedsAsync("migration_plan#start", plan), SucceedsAsync("migration_plan#delete", plan));
            Assert.Single(done, static succeeded => succeeded);
        }
    }

    private async Task<bool> SucceedsAsync(string action, long plan)
    {
        try
        {
            await Api.CallAsync(action, [plan], null, null, Cancel);
            return true;
        }
        catch (ActionFailedException)
        {
            return false;
        }
    }

    private async Task<long> CreateAsync(int concurrency, bool stopOnError = true) =>
        (long)(await Api.CallAsync("migration_plan#create", [], new JsonObject { ["concurrency"] = concurrency, ["stop_on_error"] = stopOnError }, null, Cancel)).Object["id"]!;

    private Task<ActionResult> AddAsync(long plan, long vps, long? target = null) =>
        Api.CallAsync("migration_plan.vps_migration#create", [plan], new JsonObject { ["vps"] = vps, ["dst_node"] = target ?? _target }, null, Cancel);

    private Task<ActionFailedException> RefusedAsync(long plan, long vps, long target) => Assert.ThrowsAsync<ActionFailedException>(() => AddAsync(plan, vps, target));

    private async Task<long> PlanAsync(int concurrency, bool stopOnError = true)
    {
        var plan = await CreateAsync(concurrency, stopOnError);
        foreach (var vps in _vpses)
            await AddAsync(plan, vps);
        return plan;
    }

    private async Task<IEnumerable<string?>> StatesAsync(long plan) =>
        (await Api.CallAsync("migration_plan.vps_migration#index", [plan], null, null, Cancel)).List.Select(static m => (string?)m["state"]);

    /// <summary>The first step of a move fails, and is undone.</summary>
    private async Task FailAsync(TransactionMessage first)
    {
        Assert.Equal(TransactionType.CreateSnapshots, first.Type);
        Server.Node.Fail(first);
        // Other moves may be handed out in between.
        var undo = await Server.Node.NextAsync(Cancel);
        Assert.Equal((first.Id, true), (undo.Id, undo.Rollback));
        Server.Node.Succeed(undo);
    }

    private sealed class Statements : DbCommandInterceptor, IDbTransactionInterceptor
    {
        public int Queries { get; private set; }

        public int Transactions { get; private set; }

        public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
            DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
        {
            Queries++;
            return ValueTask.FromResult(result);
        }

        public ValueTask<InterceptionResult<DbTransaction>> TransactionStartingAsync(
            DbConnection connection, TransactionStartingEventData eventData, InterceptionResult<DbTransaction> result, CancellationToken cancellationToken)
        {
            Transactions++;
            return ValueTask.FromResult(result);
        }
    }

    /// <summary>Counts: one scope for the list of plans, one for each of them.</summary>
    private sealed class Looks(IServiceScopeFactory inner) : IServiceScopeFactory
    {
        private readonly Channel<int> _made = Channel.CreateUnbounded<int>();
        private int _count;

        public int Count => Volatile.Read(ref _count);

        public IServiceScope CreateScope()
        {
            _made.Writer.TryWrite(Interlocked.Increment(ref _count));
            return inner.CreateScope();
        }

        public async Task ReachAsync(int count)
        {
            while (await _made.Reader.ReadAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel) < count)
            {
            }
        }
    }
}
