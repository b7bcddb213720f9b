using System.Net;
using System.Net.Sockets;
using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Faults.Tests;

/// <summary>The fault server as a program: what it makes of its command line, and how it ends.</summary>
public sealed class FaultProgramTests : IDisposable
{
    private const string Empty = """{ "snapshots": [] }""";
    private const int BadSetup = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-script-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Its_zfs_is_not_its_own_zfs_when_it_is_started_again_where_that_one_is_the_first_in_PATH()
    {
        var (machine, doubles) = (Path.Combine(_folder, "machine"), Path.Combine(_folder, "doubles"));
        Directory.CreateDirectory(machine);
        await ProgramFile.WriteAsync(Path.Combine(machine, "zfs"), "#!/bin/sh\necho the machine\n");
        for (var run = 0; run < 2; run++)
        {
            await using var server = FaultProgram.StartWith($"{doubles}:{machine}:", await ScriptAsync(Empty), "--zfs", doubles);
            await server.AddressAsync(Cancel);
            await using var zfs = OwnedProcess.Start(new ProcessSpec(Path.Combine(doubles, "zfs"), ["list"], RedirectOutput: true));
            Assert.Equal("the machine\n", await new StreamReader(zfs.StandardOutput).ReadToEndAsync(Cancel).WaitAsync(Patience, Cancel));
        }
    }

    [Fact]
    public async Task It_ends_with_SIGTERM_also_while_it_starts()
    {
        var port = FreePort.One();
        // The moment at which it listens, and has not said so yet: the host takes the signal there, if it is let.
        await using var server = FaultProgram.Start(await ScriptAsync(Empty), "--port", $"{port}");
        await Eventually.TrueAsync(() => Processes.Listening(port), Cancel);
        await server.TerminateAsync(Cancel);
        var (code, error) = await server.EndAsync(Cancel).WaitAsync(Patience, Cancel);
        // 143: the signal came before anybody had asked for it.
        Assert.True(code is 0 or 143, $"It ended with {code}: {error}");
        Assert.Empty(error);
    }

    [Theory]
    [InlineData("99999", "--port: 99999 is no port")]
    [InlineData("-1", "--port: -1 is no port")]
    public async Task A_port_that_is_none_is_refused_in_one_line(string port, string words) =>
        await RequireRefusedAsync(words, await ScriptAsync(Empty), "--port", port);

    [Fact]
    public async Task A_port_that_is_taken_is_told_in_one_line()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        await RequireRefusedAsync("address already in use", await ScriptAsync(Empty), "--port", $"{((IPEndPoint)taken.LocalEndpoint).Port}");
    }

    [Fact]
    public async Task A_folder_for_zfs_that_cannot_be_made_is_told_in_one_line()
    {
        var file = Path.Combine(_folder, "file");
        await File.WriteAllTextAsync(file, "", Cancel);
        await RequireRefusedAsync(file, await ScriptAsync(Empty), "--zfs", Path.Combine(file, "below"));
    }

    [Fact]
    public async Task A_script_that_is_a_folder_is_told_in_one_line() => await RequireRefusedAsync($"'{_folder}' is a folder, and no script", _folder);

    [Fact]
    public async Task A_script_that_is_not_there_is_told_in_one_line() => await RequireRefusedAsync("none.json", Path.Combine(_folder, "none.json"));

    [Fact]
    public async Task Rules_for_zfs_without_a_place_for_one_are_refused() =>
        await RequireRefusedAsync("without --zfs DIR", await ScriptAsync("""{ "snapshots": [], "zfs": [{ "command": "receive", "does": "Fail" }] }"""));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task RequireRefusedAsync(string words, params string[] arguments)
    {
        await using var server = FaultProgram.Start(arguments);
        var (code, error) = await server.EndAsync(Cancel).WaitAsync(Patience, Cancel);
        Assert.Equal(BadSetup, code);
        Assert.Contains(words, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd().Split('\n'));
        Assert.Empty(server.Lines);
    }

    private async Task<string> ScriptAsync(string text)
    {
        var path = Path.Combine(_folder, "script.json");
        await File.WriteAllTextAsync(path, text, Cancel);
        return path;
    }
}
