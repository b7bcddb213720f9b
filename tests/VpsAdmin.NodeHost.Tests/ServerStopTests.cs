using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Lab;
using VpsAdmin.Zfs;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A server with a node in its process that is told to stop, or dies, in the middle of its work.</summary>
public sealed class ServerStopTests : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-stop-").FullName;
    private readonly ZfsHost _zfs = new();
    private ZfsLab _lab = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => Path.Combine(_folder, "data");

    public async ValueTask InitializeAsync() => _lab = await ZfsLab.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("TERM")]
    [InlineData("KILL")]
    public async Task An_export_that_it_was_making_is_finished_by_the_next_start(string signal)
    {
        Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");
        await using var pool = await _lab.CreatePoolAsync("stop", cancel: Cancel);
        using var zfs = await GatedZfs.CreateAsync(Cancel);
        long id;
        long? chain;
        await using (var server = await StartAsync(pool, zfs))
        {
            using var api = await ConnectAsync();
            var admin = new VpsAdminClient(api);
            var snapshot = await TakeSnapshotAsync(admin);
            (var download, chain) = await admin.CreateDownloadAsync(snapshot, null, ExportFormat.Stream, sendMail: false, Cancel);
            id = download.Id;
            await zfs.WaitingAsync(Cancel);
            await server.SignalAsync(signal);
            Assert.Equal(signal is "TERM" ? 0 : 137, await server.EndAsync(Cancel));
        }
        // Told to stop, it takes back what is half done.
        if (signal is "TERM")
            Assert.Empty(Directory.EnumerateFiles((await _zfs.GetFilesystemAsync($"{pool.Name}/vpsadmin/download", Cancel)).Mountpoint!, "*", SearchOption.AllDirectories));

        zfs.Open();
        await using var again = await StartAsync(pool, zfs);
        using var client = await ConnectAsync();
        var later = new VpsAdminClient(client);
        await later.WaitAsync(chain, null, Cancel);
        await NodeProcessTests.RequireFileAsync(await later.GetDownloadAsync(id, Cancel));
    }

    [Fact]
    public async Task A_mail_that_it_was_giving_away_when_it_was_killed_comes_again_as_the_same_one()
    {
        Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");
        await using var pool = await _lab.CreatePoolAsync("mail", cancel: Cancel);
        await using var relay = new HeldRelay();
        var config = Path.Combine(_folder, "server.json");
        await File.WriteAllTextAsync(config, $$"""{ "mail": { "host": "127.0.0.1", "port": {{relay.Port}}, "from": "noreply@example.org", "requiretls": false } }""", Cancel);
        string sent;
        long? chain;
        await using (var server = await StartAsync(pool, config))
        {
            using var api = await ConnectAsync();
            var admin = new VpsAdminClient(api);
            await api.CallAsync("user#update", [1], new JsonObject { ["email"] = "joe@example.org" }, null, Cancel);
            (_, chain) = await admin.CreateDownloadAsync(await TakeSnapshotAsync(admin), null, ExportFormat.Stream, sendMail: true, Cancel);
            sent = await relay.NextAsync(Cancel);
            await server.SignalAsync("KILL");
            Assert.Equal(137, await server.EndAsync(Cancel));
        }

        await using var again = await StartAsync(pool, config);
        Assert.Equal(sent, await relay.NextAsync(Cancel));
        relay.Let();
        using var client = await ConnectAsync();
        await new VpsAdminClient(client).WaitAsync(chain, null, Cancel);
        Assert.False(relay.HasMore);
    }

    [Fact]
    public async Task One_that_is_told_to_stop_while_it_starts_ends_without_a_word()
    {
        Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");
        await using var pool = await _lab.CreatePoolAsync("early", cancel: Cancel);
        var config = Path.Combine(_folder, "server.json");
        await File.WriteAllTextAsync(config, "{}", Cancel);
        await (await StartAsync(pool, config)).DisposeAsync();
        long whole;
        await using (var server = await StartAsync(pool, config))
            whole = server.Calls;
        for (var start = 0; start < 5; start++)
        {
            await using var server = ChildProgram.Start("vpsadmin-server", path: null, "serve", "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", pool.Name);
            await server.CallsAsync(Random.Shared.NextInt64(whole), () => server.Output.Contains("Listening on", StringComparison.Ordinal), Cancel);
            await server.SignalAsync("TERM");
            // Before there is anything to be stopped it ends by the signal.
            Assert.True(await server.EndAsync(Cancel) is 0 or 143);
            Assert.Equal("", await server.ErrorAsync());
        }
    }

    private Task<ChildProgram> StartAsync(LabPool pool, string config) => ChildProgram.StartAsync(
        "vpsadmin-server", path: null, "Listening on", Cancel, "serve", "--config", config, "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", pool.Name);

    private Task<ChildProgram> StartAsync(LabPool pool, GatedZfs zfs) =>
        ChildProgram.StartAsync("vpsadmin-server", zfs.Folder, "Listening on", Cancel, "serve", "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", pool.Name);

    private Task<HaveApiClient> ConnectAsync() => AdministratorLogin.ConnectAsync(Data, Cancel);

    private static async Task<long> TakeSnapshotAsync(VpsAdminClient admin)
    {
        var (vps, creation) = await admin.CreateVpsAsync("web.example.org", Cancel);
        await admin.WaitAsync(creation, null, Cancel);
        var dataset = (await admin.GetVpsAsync(vps.Id, Cancel)).Dataset!.Id;
        var (snapshot, state) = await admin.CreateSnapshotAsync(dataset, null, Cancel);
        await admin.WaitAsync(state, null, Cancel);
        return snapshot.Id;
    }
}
