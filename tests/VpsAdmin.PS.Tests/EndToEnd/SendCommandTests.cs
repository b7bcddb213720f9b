using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>Send-VpsSnapshot -Command: the module owns the program that reads the stream.</summary>
public sealed class SendCommandTests(LabFixture lab) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_program_of_the_users_reads_the_stream_and_its_words_and_exit_code_are_known()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 3 * MiB);
        var snapshot = vps.Snapshot();
        var target = $"{lab.TargetPool}/command-{vps.Id}";
        var received = session.Run("param($Snapshot, $Target) $Snapshot | Send-VpsSnapshot -Command zfs -ArgumentList receive, -u, $Target; $LASTEXITCODE",
            ("Snapshot", snapshot), ("Target", target));
        Assert.Empty(received.Errors.Select(static e => e.ToString()));
        Assert.Equal(0, received.Output[^1].BaseObject);
        Assert.Equal([$"@{snapshot.Get<string>("Name")}"], Zfs.Snapshots(target));

        var counted = session.Run("param($Id) Send-VpsSnapshot $Id -Command wc -ArgumentList '-c'", ("Id", snapshot.Get<long>("Id")));
        Assert.Empty(counted.Errors.Select(static e => e.ToString()));
        Assert.InRange(long.Parse(counted.Single.ToString(), System.Globalization.CultureInfo.InvariantCulture), 3 * MiB, 4 * MiB);
        await lab.WaitForDownloadsAsync(snapshot.Get<long>("Id"), 0);
    }

    [Fact]
    public async Task A_program_that_fails_early_ends_the_command_with_its_exit_code_and_words()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 8 * MiB);
        var id = vps.Snapshot().Get<long>("Id");
        var result = session.Run("param($Id) try { Send-VpsSnapshot $Id -Command sh -ArgumentList '-c', 'head -c 10 >/dev/null; echo no room >&2; exit 9' } catch { $_ }; $LASTEXITCODE", ("Id", id));
        var error = Assert.IsType<ErrorRecord>(result.Output[0].BaseObject);
        Assert.Equal("ConsumerFailed", error.Id());
        Assert.Contains("exit code 9 before the end of the stream: no room", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(9, result.Output[1].BaseObject);
        await lab.WaitForDownloadsAsync(id, 0);
    }

    [Fact]
    public async Task Stopping_ends_the_program()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 8 * MiB);
        var id = vps.Snapshot().Get<long>("Id");
        var target = _folder.File("stream");
        using var shell = session.Prepare("param($Id, $Target) Send-VpsSnapshot $Id -MaxRate 1MB -Command dd -ArgumentList \"of=$Target\", 'status=none'", ("Id", id), ("Target", target));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => running.IsCompleted || Zfs.ProcessesNaming(target).Count > 0, TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Empty(Zfs.ProcessesNaming(target));
        await lab.WaitForDownloadsAsync(id, 0);
    }

    [Fact]
    public async Task What_makes_no_sense_is_refused_before_anything_is_asked_of_the_server()
    {
        using var session = await lab.ConnectAsync();
        Assert.Equal("CommandNotFound", session.Terminating("Send-VpsSnapshot 1 -Command no-such-program").Id());
        Assert.Equal("InvalidCombination", session.Terminating("Send-VpsSnapshot 1 -Command cat -ToStdout").Id());
        Assert.Equal("InvalidCombination", session.Terminating("Send-VpsSnapshot 1 -ArgumentList x -ToStdout").Id());
    }

    public void Dispose() => _folder.Dispose();
}
