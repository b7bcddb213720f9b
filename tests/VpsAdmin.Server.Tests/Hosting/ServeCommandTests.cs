using System.Diagnostics;
using System.Text.Json.Nodes;
using VpsAdmin.Lab;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Tests.Hosting;

/// <summary>The program as somebody starts it.</summary>
public sealed class ServeCommandTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private ZfsLab _lab = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Data => _folder.Below("data");

    public async ValueTask InitializeAsync() => _lab = await ZfsLab.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        await _lab.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task It_serves_until_it_is_told_to_stop_and_starts_again_with_what_it_had()
    {
        Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");
        await using var pool = await _lab.CreatePoolAsync("serve", cancel: Cancel);
        string? password = null;
        for (var start = 0; start < 2; start++)
        {
            using var server = Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", pool.Name);
            try
            {
                using var http = new HttpClient { BaseAddress = await AddressAsync(server) };
                Assert.Equal("ok", await http.GetStringAsync(new Uri("/health", UriKind.Relative), Cancel));
                var now = await File.ReadAllTextAsync(Path.Combine(Data, "admin-password"), Cancel);
                Assert.Equal(password ?? now, now);
                password = now;
                // Nobody who has no broker pays for one.
                Assert.DoesNotContain("NATS.", await File.ReadAllTextAsync($"/proc/{server.Id}/maps", Cancel), StringComparison.Ordinal);
                Assert.Equal($"{server.Id}\n", await File.ReadAllTextAsync(Path.Combine(Data, "server.pid"), Cancel));

                var second = await RunAsync("serve", "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", pool.Name);
                Assert.Equal((2, $"vpsadmin-server: --data: another server is running on '{Data}'.\n"), second);
            }
            finally
            {
                await StopAsync(server);
            }
            Assert.Equal(0, server.ExitCode);
            Assert.False(File.Exists(Path.Combine(Data, "server.url")));
            Assert.False(File.Exists(Path.Combine(Data, "server.pid")));
        }
        Assert.Single(await new ZfsHost().ListFilesystemsAsync(pool.Name, 0, Cancel));
    }

    [Fact]
    public async Task The_log_is_of_JSON_objects_when_the_settings_say_so()
    {
        Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");
        await using var pool = await _lab.CreatePoolAsync("jsonlog", cancel: Cancel);
        var settings = _folder.Below("server.json");
        await File.WriteAllTextAsync(settings, """{"telemetry": {"jsonlog": true}}""", Cancel);
        using var server = Start("serve", "--config", settings, "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", pool.Name);
        var lines = new List<string>();
        try
        {
            while (lines.Count == 0 || !lines[^1].Contains("Listening on", StringComparison.Ordinal))
                lines.Add(await server.StandardOutput.ReadLineAsync(Cancel) ?? throw new InvalidOperationException(await server.StandardError.ReadToEndAsync(Cancel)));
        }
        finally
        {
            await StopAsync(server);
        }
        Assert.All(lines, static line =>
        {
            var entry = JsonNode.Parse(line)!;
            Assert.NotNull(entry["Timestamp"]);
            Assert.NotNull(entry["LogLevel"]);
            Assert.NotNull(entry["Message"]);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_end_of_its_input_or_a_signal_stops_it_when_it_is_told_to_heed_its_input(bool signal)
    {
        Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");
        await using var pool = await _lab.CreatePoolAsync("input", cancel: Cancel);
        var start = StartInfo("serve", "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", pool.Name, "--exit-with-stdin");
        start.RedirectStandardInput = true;
        using var server = Process.Start(start)!;
        try
        {
            await AddressAsync(server);
            if (!signal)
                server.StandardInput.Close();
        }
        finally
        {
            await StopAsync(server, signal ? "TERM" : "CONT");
        }
        Assert.Equal(0, server.ExitCode);
        Assert.False(File.Exists(Path.Combine(Data, "server.url")));
    }

    [Theory]
    [InlineData("there is no filesystem 'nosuchpool/vps' on this machine", "--pool", "nosuchpool/vps")]
    [InlineData("'-rf' is not the name of a ZFS filesystem", "--pool=-rf")]
    [InlineData("'a/../b' is not the name of a ZFS filesystem", "--pool", "a/../b")]
    [InlineData("'ftp://127.0.0.1' is not an address to listen on", "--pool", "tank", "--urls", "ftp://127.0.0.1")]
    [InlineData("'127.0.0.1' is not an address to listen on", "--pool", "tank", "--urls", "127.0.0.1")]
    [InlineData("'a b' is not a domain name", "--pool", "tank", "--node-name", "a b")]
    [InlineData("'ftp://x/' is not an http or https address", "--pool", "tank", "--base-url", "ftp://x/")]
    [InlineData("'nonsense' is not an http or https address", "--pool", "tank", "--base-url", "nonsense")]
    [InlineData("Option '--pool' is required")]
    public async Task Bad_input_is_one_line_and_status_2(string expected, params string[] arguments)
    {
        Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");
        var (status, error) = await RunAsync(["serve", "--data", Data, .. arguments]);
        Assert.Equal(2, status);
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
        Assert.False(Directory.Exists(Data));
    }

    [Fact]
    public async Task A_data_folder_of_another_pool_is_refused_and_that_pool_stays_empty()
    {
        Assert.SkipUnless(_lab.Available, _lab.Reason ?? "");
        await using var first = await _lab.CreatePoolAsync("first", cancel: Cancel);
        await using var second = await _lab.CreatePoolAsync("second", cancel: Cancel);
        using (var server = Start("serve", "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", first.Name))
        {
            await AddressAsync(server);
            await StopAsync(server);
        }
        var (status, error) = await RunAsync("serve", "--data", Data, "--urls", "http://127.0.0.1:0", "--pool", second.Name);
        Assert.Equal(2, status);
        Assert.Contains($"belongs to pool '{first.Name}', not to '{second.Name}'", error, StringComparison.Ordinal);
        Assert.Single(await new ZfsHost().ListFilesystemsAsync(second.Name, null, Cancel));
    }

    [Fact]
    public async Task A_machine_without_zfs_is_told_so()
    {
        var options = new ServerOptions(Data, "http://127.0.0.1:0", "tank");
        var zfs = new ZfsHost(new(Program: _folder.Below("no-zfs")));
        var refused = await Assert.ThrowsAsync<SetupException>(() => Installation.PrepareAsync(options, zfs, TimeProvider.System, Cancel));
        Assert.StartsWith("--pool: ZFS cannot be used: ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refused.Message);
        Assert.False(Directory.Exists(Data));
    }

    private async Task<Uri> AddressAsync(Process server)
    {
        // Files cannot be waited for; the log line comes behind the file.
        while (await server.StandardOutput.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(60), Cancel) is { } line)
        {
            if (line.Contains("Listening on", StringComparison.Ordinal))
                return new Uri((await File.ReadAllTextAsync(Path.Combine(Data, "server.url"), Cancel)).Trim());
        }
        throw new InvalidOperationException($"The server ended: {await server.StandardError.ReadToEndAsync(Cancel)}");
    }

    private static async Task StopAsync(Process server, string signal = "TERM")
    {
        using (var kill = Process.Start("kill", ["-s", signal, server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
            await kill.WaitForExitAsync(CancellationToken.None);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await server.StandardOutput.ReadToEndAsync(patience.Token);
            await server.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            server.Kill();
            throw;
        }
    }

    private static Task<(int Status, string Error)> RunAsync(params string[] arguments) => RunAsync(StartInfo(arguments));

    private static async Task<(int Status, string Error)> RunAsync(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(Cancel);
        var error = await process.StandardError.ReadToEndAsync(Cancel);
        await output;
        await process.WaitForExitAsync(Cancel);
        return (process.ExitCode, error);
    }

    private static Process Start(params string[] arguments) => Process.Start(StartInfo(arguments))!;

    private static ProcessStartInfo StartInfo(params string[] arguments)
    {
        string[] all = [Path.Combine(AppContext.BaseDirectory, "vpsadmin-server.dll"), .. arguments];
        return new(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) is "dotnet" ? host : "dotnet", all)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
    }
}
