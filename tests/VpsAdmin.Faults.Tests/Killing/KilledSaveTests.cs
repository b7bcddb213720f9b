using VpsAdmin.FaultServer;
using VpsAdmin.Lab;
using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Faults.Tests.Killing;

/// <summary>A program that saves a snapshot is killed at any moment, started again, killed again: the file that comes in the end is the server's.</summary>
public sealed class KilledSaveTests : IDisposable
{
    private const int Size = 10 << 20;
    private const int MostKills = 6;

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-kill-").FullName;
    private readonly Random _random = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Target => Path.Combine(_folder, "to", "saved");

    [Fact]
    public async Task A_file_is_exact_or_absent_after_every_kill_and_what_was_there_is_gone_on_with()
    {
        for (var kills = 0; kills < Extent.Kills;)
            kills += await RoundAsync(Math.Min(MostKills, Extent.Kills - kills));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <returns>How many times it was killed.</returns>
    private async Task<int> RoundAsync(int kills)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        await using var server = await FaultyVpsAdmin.StartAsync(Cancel);
        var content = new byte[Size];
        _random.NextBytes(content);
        var snapshot = server.Api.AddSnapshot("2026-03-02T00:00:00");
        server.Api.Content = (_, _, _) => (new ExportScript(), content);
        server.EveryFile = static () => new FileFault(BytesPerSecond: 12_000_000);

        var done = 0;
        while (done < kills && !File.Exists(Target))
        {
            var recorded = Recorded();
            var asked = server.Api.Ever.Sum(static d => d.File.Requests.Count);
            await using (var shell = Start(server, snapshot))
                done += await shell.KillAsync(Moment(server), Cancel) ? 1 : 0;
            RequireSound(server, content, recorded, asked);
        }

        if (!File.Exists(Target))
        {
            server.Heal();
            await using var shell = Start(server, snapshot);
            var (code, _, error) = await shell.EndAsync(Cancel);
            Assert.True(code == 0, error);
            Assert.Equal([Target], Directory.GetFiles(Path.GetDirectoryName(Target)!));
            Assert.Empty(server.Api.Downloads);
        }
        Assert.Equal(content, await File.ReadAllBytesAsync(Target, Cancel));
        Assert.Single(server.Api.Ever);
        Directory.Delete(Path.GetDirectoryName(Target)!, recursive: true);
        return done;
    }

    private MortalShell Start(FaultyVpsAdmin server, ServedSnapshot snapshot) =>
        MortalShell.Start(_folder, server.Address, "Save-VpsSnapshot ([long]$Rest[0]) $Rest[1] -Resume", $"{snapshot.Id}", Target);

    /// <summary>Mostly in the middle of the file; also while the server is asked, and around the end, when the file gets its name.</summary>
    private Func<bool> Moment(FaultyVpsAdmin server)
    {
        var (sent, calls) = (server.BytesSent, server.Calls.Count);
        var (more, call) = (_random.Next(Size / 3), _random.Next(1, 8));
        return _random.Next(8) switch
        {
            0 => () => server.Calls.Count >= calls + call,
            1 => () => File.Exists(Target),
            2 => () => new FileInfo(PartPath.Of(Target)) is { Exists: true, Length: Size },
            _ => () => server.BytesSent >= sent + more,
        };
    }

    /// <summary>Bytes that the record beside the part says are there.</summary>
    private long Recorded() => PartRecord.TryRead(PartPath.SidecarOf(Target))?.Length ?? 0;

    private void RequireSound(FaultyVpsAdmin server, byte[] content, long recorded, int asked)
    {
        if (File.Exists(Target))
        {
            Assert.Equal(content, File.ReadAllBytes(Target));
            return;
        }
        // What this run asked for first was behind what the one before had recorded.
        if (server.Api.Ever.SelectMany(static d => d.File.Requests).Skip(asked).FirstOrDefault() is { } first)
            Assert.Equal(recorded, first.RangeFrom ?? 0);
        Assert.True(Recorded() >= recorded, $"{recorded} bytes were recorded before, {Recorded()} are now.");
        // What is recorded is there, and is the server's.
        if (Recorded() is > 0 and var now)
            Assert.Equal(content.AsSpan(0, (int)now), File.ReadAllBytes(PartPath.Of(Target)).AsSpan(0, (int)now));
    }
}
