using VpsAdmin.FaultServer;
using VpsAdmin.Faults.Tests.Killing;

namespace VpsAdmin.Faults.Tests;

/// <summary>The example of docs/fault-laboratory.md does what is said there: with the program, the script and the commands as they stand.</summary>
public sealed class DocumentedExampleTests : IDisposable
{
    private const string Fence = "```";

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-script-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Both_snapshots_are_saved_whole_whatever_goes_wrong_and_a_stream_that_was_cut_is_found_out()
    {
        var path = Path.Combine(_folder, "script.json");
        await File.WriteAllTextAsync(path, Block("{"), Cancel);
        var script = FaultScript.Read(path);
        Assert.Equal((2, 4, 1), (script.Snapshots.Count, script.Files!.Count, script.Api!.Count));
        var commands = Block("Connect-VpsAdmin").Split('\n')[1..];
        Assert.Equal(2, commands.Length);

        await using var server = FaultProgram.Start(path);
        var address = await server.AddressAsync(Cancel);
        var to = Directory.CreateDirectory(Path.Combine(_folder, "to")).FullName;
        await RunAsync(commands[0], isWell: true);
        Assert.Equal(
            script.Snapshots.Select(static s => (long)s.Exports!.Single(static e => e.Format == "archive").Size).Order(),
            Directory.GetFiles(to).Select(static file => new FileInfo(file).Length).Order());
        // Each fault has been played.
        Assert.All(script.Files, fault => Assert.Contains(server.Lines, line => line.Contains(ToldFault.Tell(fault), StringComparison.Ordinal)));
        Assert.Contains(server.Lines, line => line.Contains(ToldFault.Tell(script.Api[0]), StringComparison.Ordinal));

        var saved = Directory.GetFiles(to);
        Assert.Contains("cut short", await RunAsync(commands[1], isWell: false), StringComparison.Ordinal);
        Assert.Equal(saved, Directory.GetFiles(to));

        async Task<string> RunAsync(string command, bool isWell)
        {
            await using var shell = MortalShell.Start(_folder, address, $"$null = $ExecutionContext.SessionState.Path.SetLocation($Rest[0])\n{command}", to);
            var (code, _, error) = await shell.EndAsync(Cancel);
            Assert.True(code == 0 == isWell, $"'{command}' ended with {code}: {error}");
            return error;
        }
    }

    [Fact]
    public async Task The_rules_for_zfs_are_a_script()
    {
        var path = Path.Combine(_folder, "script.json");
        await File.WriteAllTextAsync(path, $$"""{ "snapshots": [], {{Block("\"zfs\"")}} }""", Cancel);
        Assert.Single(FaultScript.Read(path).Zfs!);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>The lines of the document's block from the one that begins so.</summary>
    private static string Block(string start)
    {
        using var document = new StreamReader(typeof(DocumentedExampleTests).Assembly.GetManifestResourceStream("fault-laboratory.md")!);
        return string.Join('\n', document.ReadToEnd().Split('\n')
            .SkipWhile(line => !line.StartsWith(start, StringComparison.Ordinal))
            .TakeWhile(static line => !line.StartsWith(Fence, StringComparison.Ordinal)));
    }
}
