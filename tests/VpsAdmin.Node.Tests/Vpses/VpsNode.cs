using VpsAdmin.Lab;
using VpsAdmin.Node.Handlers.Vpses;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Node.Tests.Vpses;

/// <summary>A node that runs VPSes, whose systems end with it.</summary>
internal sealed class VpsNode(TestNode node, LxcRuntime runtime, string templates) : IAsyncDisposable
{
    private static readonly TimeSpan Long = TimeSpan.FromSeconds(60);

    private readonly VpsHomes _homes = new(node.Zfs);
    private readonly List<VpsPlace> _places = [];

    public TestNode Node => node;

    public LxcRuntime Runtime => runtime;

    /// <summary>Folder of the node's templates.</summary>
    public string Templates => templates;

    public VpsObserver Observer { get; } = new(node.Zfs, runtime, TimeProvider.System);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static async Task<VpsNode> StartAsync(LabFixture lab)
    {
        var reason = await LxcLab.ReasonAsync();
        Assert.SkipWhen(reason is not null, reason ?? "");
        var templates = Directory.CreateTempSubdirectory("vpsadmin-templates-").FullName;
        var runtime = new LxcRuntime(new VpsOptions(templates), TimeProvider.System);
        var node = await lab.StartNodeAsync(Cancel, more: VpsHandlers.All(lab.Zfs, runtime));
        // The lab's folder is its owner's alone; a VPS's root, who is nobody, has to get through to its files.
        var pool = Path.GetDirectoryName(node.Folder)!;
        UnixFolder.SetMode(Path.GetDirectoryName(pool)!, UnixFolder.PassThrough);
        return new(node, runtime, templates);
    }

    /// <summary>A VPS with an empty root filesystem.</summary>
    public async Task<VpsPlace> CreateAsync(long id)
    {
        var place = new VpsPlace(node.Filesystem, $"{id}", id);
        _places.Add(place);
        await node.CreateDatasetAsync(place.Dataset, Cancel);
        return place;
    }

    /// <summary>A VPS with busybox in it.</summary>
    public async Task<VpsPlace> InstallAsync(long id)
    {
        var place = await CreateAsync(id);
        await SucceedAsync(TransactionType.InstallVps, new InstallVpsInput(place, "busybox", Replace: false));
        await SucceedAsync(TransactionType.ConfigureVps, new ConfigureVpsInput(place, Configuration(), Before: null));
        return place;
    }

    public static VpsConfiguration Configuration(VpsLimits? limits = null) => new("vps.example.org", "busybox", limits ?? new(Memory: 64, Cpu: 50, Processes: 64), []);

    public async Task SucceedAsync<T>(TransactionType type, T input)
    {
        var finished = await node.RunAsync(type, input, Cancel);
        Assert.True(finished.Success, finished.Error);
    }

    public Task RunAsync(TransactionType type, VpsPlace place) => SucceedAsync(type, new RunVpsInput(place, Patience: 30));

    public async Task<bool> IsRunningAsync(VpsPlace place) => await runtime.IsRunningAsync((await _homes.FindAsync(place, Cancel))!, Cancel);

    public Task<VpsHome> HomeAsync(VpsPlace place) => _homes.RequireAsync(place, Cancel);

    /// <summary>Runs a command of busybox in the VPS.</summary>
    public async Task<string> AttachAsync(VpsPlace place, params string[] command)
    {
        var (status, output) = await TryAttachAsync(place, command);
        Assert.Equal(0, status);
        return output.TrimEnd('\n');
    }

    /// <summary>Runs a command of busybox in the VPS, which may fail.</summary>
    public async Task<(int Status, string Output)> TryAttachAsync(VpsPlace place, params string[] command)
    {
        var home = await HomeAsync(place);
        return await LxcProgram.AskAsync(
            "lxc-attach", ["--lxcpath", Path.GetDirectoryName(home.Folder)!, "--name", Path.GetFileName(home.Folder), "--", .. command], Cancel);
    }

    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(Long);
        foreach (var place in _places)
        {
            if (await _homes.FindAsync(place, patience.Token) is { } home)
                await runtime.StopAsync(home, TimeSpan.Zero, patience.Token);
        }
        await node.DisposeAsync();
        Directory.Delete(templates, recursive: true);
    }
}
