using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using VpsAdmin.Lab;
using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;

[assembly: AssemblyFixture(typeof(LabFixture))]

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>A real server on a real pool, started by the module itself, and a second pool to back up into. Shared: each test makes its own VPS.</summary>
public sealed class LabFixture : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private readonly SemaphoreSlim _gate = new(1, 1);
    private EngineSession? _server;
    private ZfsLab? _lab;
    private LabPool? _source;
    private LabPool? _target;
    private string? _uri;

    internal LabServer Server => new(_uri!, _folder.File("data"));

    internal string DataPath => _folder.File("data");

    internal string SourcePool => _source!.Name;

    internal string TargetPool => _target!.Name;

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    /// <summary>A session connected to the server, which is started for the first of them. Skips the test where there can be no ZFS.</summary>
    internal async Task<EngineSession> ConnectAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        await _gate.WaitAsync(cancel);
        try
        {
            _lab ??= await ZfsLab.StartAsync(cancel);
            if (!_lab.Available)
                Assert.Skip(_lab.Reason!);
            _source ??= await _lab.CreatePoolAsync("source", cancel: cancel);
            _target ??= await _lab.CreatePoolAsync("target", cancel: cancel);
            _server ??= StartServer();
        }
        finally
        {
            _gate.Release();
        }

        return Server.Connect();
    }

    /// <summary>Ids of the exported files that the server has.</summary>
    internal async Task<IReadOnlyList<long>> DownloadsOfAsync(long snapshotId)
    {
        using var http = new HttpClient { BaseAddress = new Uri(_uri!) };
        http.DefaultRequestHeaders.Authorization =
            new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"admin:{Server.Password}")));
        using var reply = JsonDocument.Parse(await http.GetStringAsync(
            new Uri($"/v7.0/snapshot_downloads?snapshot_download[snapshot]={snapshotId}", UriKind.Relative), TestContext.Current.CancellationToken));
        return [.. reply.RootElement.GetProperty("response").GetProperty("snapshot_downloads").EnumerateArray().Select(d => d.GetProperty("id").GetInt64())];
    }

    /// <summary>Waits until the server has so many exported files of a snapshot; what is removed is gone when the node has done it.</summary>
    internal async Task WaitForDownloadsAsync(long snapshotId, int count)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        limit.CancelAfter(TimeSpan.FromMinutes(1));
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await DownloadsOfAsync(snapshotId)).Count != count)
            await tick.WaitForNextTickAsync(limit.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            _server.Run("Stop-VpsAdminServer");
            _server.Dispose();
        }

        if (_source is not null)
            await _source.DisposeAsync();
        if (_target is not null)
            await _target.DisposeAsync();
        if (_lab is not null)
            await _lab.DisposeAsync();
        _folder.Dispose();
        _gate.Dispose();
    }

    private EngineSession StartServer()
    {
        var session = new EngineSession();
        var started = session.Run("param($Data, $Pool) Start-VpsAdminServer $Data $Pool", ("Data", DataPath), ("Pool", SourcePool));
        Assert.Empty(started.Errors.Select(e => e.ToString()));
        _uri = started.Single.Get<string>("Uri");
        return session;
    }
}

/// <summary>A virtual server of one test: its root dataset and the folder where that is mounted.</summary>
internal sealed class TestVps
{
    private readonly LabFixture _lab;
    private readonly EngineSession _session;

    public TestVps(LabFixture lab, EngineSession session)
    {
        _lab = lab;
        _session = session;
        Id = session.Run("New-Vps test").Single.Get<long>("Id");
        Dataset = session.Run("param($Vps) Get-VpsDataset -Vps $Vps", ("Vps", Id)).Single;
    }

    public long Id { get; }

    public PSObject Dataset { get; }

    public long DatasetId => Dataset.Get<long>("Id");

    public string DatasetName => Dataset.Get<string>("Name");

    /// <summary>Name of the dataset in the pool.</summary>
    public string Filesystem => $"{_lab.SourcePool}/{DatasetName}";

    /// <summary>Writes a file that does not compress.</summary>
    public void Write(string name, int bytes) =>
        File.WriteAllBytes(Path.Combine(Zfs.Run("get", "-H", "-o", "value", "mountpoint", Filesystem).Trim(), name), RandomNumberGenerator.GetBytes(bytes));

    public PSObject Snapshot()
    {
        var taken = _session.Run("param($Dataset) New-VpsSnapshot $Dataset", ("Dataset", Dataset));
        Assert.Empty(taken.Errors.Select(e => e.ToString()));
        return taken.Single;
    }
}

/// <summary>The machine's zfs, past the product.</summary>
internal static class Zfs
{
    public static string Run(params string[] arguments)
    {
        var (status, output, error) = Try(arguments);
        Assert.True(status == 0, $"zfs {string.Join(' ', arguments)}: {error}");
        return output;
    }

    public static (int Status, string Output, string Error) Try(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("zfs", arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, error.Result);
    }

    /// <summary>Names of the snapshots at and below a filesystem, without its name.</summary>
    public static IReadOnlyList<string> Snapshots(string filesystem) =>
        [.. Run("list", "-H", "-r", "-t", "snapshot", "-o", "name", filesystem).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(n => n[filesystem.Length..])];

    /// <summary>Ids of the processes that have this word among their arguments.</summary>
    public static IReadOnlyList<int> ProcessesNaming(string word) =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName)
            .Where(n => int.TryParse(n, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Where(n => CommandLine(n!).Contains(word, StringComparison.Ordinal))
            .Select(n => int.Parse(n!, CultureInfo.InvariantCulture))];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline");
        }
        catch (IOException)
        {
            // Ended meanwhile.
            return "";
        }
    }
}
