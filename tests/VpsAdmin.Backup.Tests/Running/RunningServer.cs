using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>The server as a program of its own, on the lab's pool; one for all tests of a class.</summary>
public sealed class RunningServer(LabFixture lab) : IAsyncLifetime
{
    private readonly string _data = Directory.CreateTempSubdirectory("vpsadmin-backup-").FullName;
    private Process? _process;
    private Task<string>? _drain;
    private string? _filesystem;
    private Uri? _address;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public VpsAdminClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        _filesystem = await lab.CreateFilesystemAsync("vps");
        var assembly = typeof(RunningServer).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "ServerAssembly").Value!;
        _process = Process.Start(new ProcessStartInfo("dotnet", [assembly, "serve", "--data", Path.Combine(_data, "d"), "--urls", "http://127.0.0.1:0", "--pool", _filesystem])
        {
            RedirectStandardOutput = true,
        })!;
        try
        {
            await ConnectAsync(_process);
        }
        catch
        {
            // A fixture that did not begin is not disposed.
            await DisposeAsync();
            throw;
        }
    }

    private async Task ConnectAsync(Process process)
    {
        _address = await AddressAsync(process.StandardOutput);
        _drain = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        Client = await ConnectAsync(handler: null);
    }

    /// <summary>A client of its own, whose requests and answers the handler may change.</summary>
    public async Task<VpsAdminClient> ConnectAsync(HttpMessageHandler? handler)
    {
        var password = (await File.ReadAllTextAsync(Path.Combine(_data, "d", "admin-password"), Cancel)).Trim();
        var api = await HaveApiClient.ConnectAsync(
            _address!, TokenAuthentication.Request("admin", password, TokenLifetime.RenewableAuto, TimeSpan.FromHours(1)), null, handler, Cancel);
        return new VpsAdminClient(api);
    }

    public async Task<Dataset> CreateDatasetAsync()
    {
        var (vps, state) = await Client.CreateVpsAsync("web.example.org", Cancel);
        await Client.WaitAsync(state, null, Cancel);
        vps = await Client.GetVpsAsync(vps.Id, Cancel);
        return await Client.GetDatasetAsync(vps.Dataset!.Id, Cancel);
    }

    /// <summary>Where the server keeps the dataset.</summary>
    public string FilesystemOf(Dataset dataset) => $"{_filesystem}/{dataset.Name}";

    /// <summary>Writes a file into the dataset and takes a snapshot.</summary>
    public async Task<(Snapshot Snapshot, byte[] Content)> ChangeAsync(Dataset dataset, string file, int bytes)
    {
        var content = new byte[bytes];
        Random.Shared.NextBytes(content);
        var folder = (await lab.Zfs.GetFilesystemAsync($"{_filesystem}/{dataset.Name}", Cancel)).Mountpoint!;
        await File.WriteAllBytesAsync(Path.Combine(folder, file), content, Cancel);
        var (snapshot, state) = await Client.CreateSnapshotAsync(dataset.Id, null, Cancel);
        await Client.WaitAsync(state, null, Cancel);
        return (await Client.GetSnapshotAsync(dataset.Id, snapshot.Id, Cancel), content);
    }

    public async Task DeleteAsync(Snapshot snapshot)
    {
        var (_, state) = await Client.DeleteSnapshotAsync(snapshot.DatasetId, snapshot.Id, Cancel);
        await Client.WaitAsync(state, null, Cancel);
    }

    private static async Task<Uri> AddressAsync(StreamReader output)
    {
        while (await output.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromMinutes(1), Cancel) is { } line)
        {
            if (line.Contains("Listening on", StringComparison.Ordinal))
                return new Uri(line[line.IndexOf("http", StringComparison.Ordinal)..].Trim());
        }
        throw new InvalidOperationException("The server ended before it listened.");
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (_process is not null)
        {
            using (var kill = Process.Start("kill", ["-s", "TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
                await kill.WaitForExitAsync(CancellationToken.None);
            await _process.WaitForExitAsync(CancellationToken.None);
            await (_drain ?? Task.FromResult(""));
            _process.Dispose();
        }
        Directory.Delete(_data, recursive: true);
    }
}
