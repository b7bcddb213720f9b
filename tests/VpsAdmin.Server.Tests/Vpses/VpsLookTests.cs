using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>What is seen of VPSes beside what is done to them, with the real database and the real engine.</summary>
public sealed class VpsLookTests : AdministratorTests
{
    // What is older than a month goes away by itself.
    private static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    private long _vps;

    protected override async Task PrepareAsync()
    {
        await Server.LetVpsesRunAsync();
        _vps = await Server.AddVpsAsync(running: false);
    }

    [Fact]
    public async Task What_is_seen_is_written_down()
    {
        var look = Assert.Single(await BeginAsync());
        Assert.Equal(new VpsPlace(RunningServer.Pool, $"{_vps}", _vps), look.Place);
        Assert.True(await EndAsync(look, new VpsSample(_vps, true, 60, 7, 20 << 20, 0.5)));

        var shown = (await Api.CallAsync("vps#show", [_vps], null, null, Cancel)).Object;
        Assert.True((bool)shown["is_running"]!);
        Assert.Equal((60, 7, 20, 0.5), ((int)shown["uptime"]!, (int)shown["process_count"]!, (int)shown["used_memory"]!, (double)shown["loadavg"]!));
        var kept = Assert.Single((await Api.CallAsync("vps.status#index", [_vps], null, null, Cancel)).List);
        Assert.True((bool)kept["is_running"]!);
    }

    [Fact]
    public async Task History_has_each_change_and_not_each_look()
    {
        foreach (var (running, minute) in new[] { (true, 0), (true, 1), (false, 2), (false, 3), (false, 8) })
            Assert.True(await EndAsync(Assert.Single(await BeginAsync()), new VpsSample(_vps, running), Now.AddMinutes(minute)));
        var kept = await Server.QueryAsync(static db => db.VpsStatuses.OrderBy(static s => s.Id).Select(static s => s.CreatedAt).ToListAsync());
        Assert.Equal([0, 2, 8], kept.Select(static at => Math.Round((at - Now).TotalMinutes)));
    }

    [Fact]
    public async Task A_look_that_began_before_a_start_does_not_overwrite_it()
    {
        var look = Assert.Single(await BeginAsync());
        var chain = (await Api.CallAsync("vps#start", [_vps], null, null, Cancel)).ActionStateId!.Value;
        Assert.Empty(await BeginAsync());
        Assert.False(await EndAsync(look, new VpsSample(_vps, IsRunning: false)));

        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Done);
        Assert.False(await EndAsync(look, new VpsSample(_vps, IsRunning: false)));
        Assert.True((await Server.VpsAsync(_vps)).IsRunning);

        Assert.True(await EndAsync(Assert.Single(await BeginAsync()), new VpsSample(_vps, IsRunning: false)));
        Assert.False((await Server.VpsAsync(_vps)).IsRunning);
    }

    [Fact]
    public async Task A_start_that_failed_leaves_what_was_known_and_old_looks_do_not_count()
    {
        var look = Assert.Single(await BeginAsync());
        var chain = (await Api.CallAsync("vps#start", [_vps], null, null, Cancel)).ActionStateId!.Value;
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        Server.Node.Succeed(await Server.Node.NextAsync(Cancel));
        await Server.WaitForAsync(chain, ChainState.Failed);
        Assert.False(await EndAsync(look, new VpsSample(_vps, IsRunning: true)));
        Assert.False((await Server.VpsAsync(_vps)).IsRunning);
        Assert.Single(await BeginAsync());
    }

    [Fact]
    public async Task Of_the_vpses_of_a_node_only_the_one_that_something_was_done_to_is_left_as_it_was()
    {
        var other = await Server.AddVpsAsync(running: false);
        var looks = await BeginAsync();
        await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == _vps).ExecuteUpdateAsync(set => set.SetProperty(static v => v.StatusSequence, static v => v.StatusSequence + 2)));
        IReadOnlyList<VpsSample> samples = [new(_vps, IsRunning: true), new(other, IsRunning: true), new(other + 1, IsRunning: true)];
        Assert.Equal(1, await Server.QueryAsync(db => VpsLooks.EndAsync(db, looks, samples, Now, Cancel)));
        Assert.Equal((false, true), ((await Server.VpsAsync(_vps)).IsRunning, (await Server.VpsAsync(other)).IsRunning));
        Assert.Equal(other, Assert.Single(await Server.QueryAsync(static db => db.VpsStatuses.Select(static s => s.VpsId).ToListAsync())));
    }

    [Fact]
    public async Task Vpses_without_a_system_and_deleted_ones_are_not_looked_at()
    {
        await Server.AddVpsAsync(template: null);
        var deleted = await Server.AddVpsAsync();
        await Server.QueryAsync(db => db.Vpses.Where(v => v.Id == deleted).ExecuteUpdateAsync(set => set.SetProperty(static v => v.State, Data.VpsState.SoftDelete)));
        Assert.Equal(_vps, Assert.Single(await BeginAsync()).Place.VpsId);
    }

    private Task<IReadOnlyList<VpsLook>> BeginAsync() => Server.QueryAsync(static db => VpsLooks.BeginAsync(db, Cancel));

    private async Task<bool> EndAsync(VpsLook look, VpsSample sample, DateTimeOffset? now = null) => await Server.QueryAsync(db => VpsLooks.EndAsync(db, [look], [sample], now ?? Now, Cancel)) == 1;
}
