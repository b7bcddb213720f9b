using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Client;
using VpsAdmin.Lab;
using VpsAdmin.Node.Runtime;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Vpses;

namespace VpsAdmin.Server.Tests.Vpses;

/// <summary>A container is looked at, and the answer comes late: after an operation that began and ended meanwhile.</summary>
public sealed class HeldSampleTests : IAsyncLifetime
{
    private static readonly LxcRuntime Runtime = new(new VpsOptions(), TimeProvider.System);

    private readonly RealServer _server = new();
    private FarNode? _far;
    private Vps? _vps;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        await _server.InitializeAsync();
        _server.Require();
        var reason = await LxcLab.ReasonAsync();
        Assert.SkipWhen(reason is not null, reason ?? "");
        _far = await FarNode.StartAsync(_server, Runtime);
        // The lab's folder is its owner's alone; a VPS's root, who is nobody, has to get through to its files.
        var pool = Path.GetDirectoryName((await _server.Zfs.GetFilesystemAsync(_server.Filesystem, Cancel)).Mountpoint)!;
        const UnixFileMode passThrough = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        File.SetUnixFileMode(Path.GetDirectoryName(pool)!, passThrough);
        var (vps, chain) = await _server.Admin.CreateVpsAsync("web.example.org", new VpsCreationOptions(Template: "busybox"), Cancel);
        await _server.Admin.WaitAsync(chain, null, Cancel);
        _vps = vps;
    }

    public async ValueTask DisposeAsync()
    {
        if (_vps is not null)
            await _server.Admin.WaitAsync(await _server.Admin.StopVpsAsync(_vps.Id, force: true, CancellationToken.None), null, CancellationToken.None);
        if (_far is not null)
            await _far.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task It_does_not_overwrite_what_a_stop_or_a_move_has_established()
    {
        var vps = _vps!.Id;
        await LookMeanwhileAsync(vps, 2101, async () => (await _server.Admin.Api.CallAsync("vps#migrate", [vps], new JsonObject { ["node"] = _far!.Id }, null, Cancel)).ActionStateId);
        Assert.True((await _server.Admin.GetVpsAsync(vps, Cancel)).IsRunning);

        await LookMeanwhileAsync(vps, 2102, () => _server.Admin.StopVpsAsync(vps, force: true, Cancel));
        Assert.False((await _server.Admin.GetVpsAsync(vps, Cancel)).IsRunning);
    }

    /// <summary>Looks, and hears the answer when the operation has ended: it does not count. A look after it does.</summary>
    /// <param name="year">In which it is said to have been seen: one to come, which nobody else writes down, nor takes for too long ago.</param>
    private async Task LookMeanwhileAsync(long vps, int year, Func<Task<long?>> operate)
    {
        var marked = new DateTimeOffset(year, 1, 1, 0, 0, 0, TimeSpan.Zero);
        var late = new LateWatch(new VpsObserver(_server.Zfs, Runtime, TimeProvider.System));
        using var watch = new VpsWatch(_server.Services.GetRequiredService<IServiceScopeFactory>(), late, new FakeTimeProvider(marked), NullLogger<VpsWatch>.Instance);
        var looking = watch.LookAsync(Cancel);
        Assert.True(Assert.Single(await late.Seen.WaitAsync(Cancel)).IsRunning);
        await _server.Admin.WaitAsync(await operate(), null, Cancel);

        late.Tell();
        await looking;
        Assert.NotEqual(marked, await SeenAtAsync(vps));
        await watch.LookAsync(Cancel);
        Assert.Equal(marked, await SeenAtAsync(vps));
    }

    private Task<DateTimeOffset?> SeenAtAsync(long vps) => _server.QueryAsync(db => db.Vpses.Where(v => v.Id == vps).Select(static v => v.StatusTime).SingleAsync(Cancel));

    /// <summary>Sees at once, and tells later.</summary>
    private sealed class LateWatch(VpsObserver observer) : IVpsWatch
    {
        private readonly TaskCompletionSource<IReadOnlyList<VpsSample>> _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _tell = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<IReadOnlyList<VpsSample>> Seen => _seen.Task;

        public void Tell() => _tell.SetResult();

        public async Task<IReadOnlyList<VpsSample>?> SampleAsync(long nodeId, IReadOnlyList<VpsPlace> vpses, CancellationToken cancel)
        {
            var samples = await observer.SampleAsync(vpses, cancel);
            _seen.TrySetResult(samples);
            await _tell.Task;
            return samples;
        }
    }
}
