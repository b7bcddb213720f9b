using System.Globalization;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>Send-VpsSnapshot -ToStdout in a process of its own, as cron runs it.</summary>
public sealed class StandardOutputTests(LabFixture lab) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task BUG_4_standard_output_has_the_stream_that_zfs_would_have_sent_and_no_word_more()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 2 * MiB);
        var snapshot = vps.Snapshot();
        var target = $"{lab.TargetPool}/stdout-{vps.Id}";

        Assert.Equal((0, 0), await PipeAsync(snapshot.Get<long>("Id"), "zfs", "receive", target));
        Assert.Equal([$"@{snapshot.Get<string>("Name")}"], Zfs.Snapshots(target));
    }

    [Fact]
    public async Task A_reader_that_ends_early_is_a_failure_not_a_success()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("data", 8 * MiB);
        var id = vps.Snapshot().Get<long>("Id");

        // The target failed: about_VpsAdmin_Backup, exit codes.
        Assert.Equal((16, 0), await PipeAsync(id, "head", "-c", "10"));
        await lab.WaitForDownloadsAsync(id, 0);
    }

    /// <summary>Exit codes of both ends of <c>vpsadmin send.ps1 | reader</c>.</summary>
    private async Task<(int Sender, int Reader)> PipeAsync(long id, params string[] reader)
    {
        var script = _folder.File("send.ps1");
        await File.WriteAllTextAsync(script,
            """
            param($Uri, $PasswordFile, [long] $Id)
            $ErrorActionPreference = 'Stop'
            $secret = [Security.SecureString]::new()
            foreach ($c in [IO.File]::ReadAllText($PasswordFile).Trim().ToCharArray()) { $secret.AppendChar($c) }
            $null = Connect-VpsAdmin $Uri ([pscredential]::new('admin', $secret))
            Send-VpsSnapshot $Id -ToStdout
            """, TestContext.Current.CancellationToken);
        var (_, output, _) = await ProgramRun.RunAsync("bash",
        [
            "-c", """sender=("${@:1:5}"); "${sender[@]}" | "${@:6}" >/dev/null; echo "${PIPESTATUS[@]}" """, "pipe",
            Repository.Shell, script, lab.Server.Uri, Path.Combine(lab.DataPath, "admin-password"), id.ToString(CultureInfo.InvariantCulture), .. reader,
        ]);
        var codes = output.Trim().Split(' ').Select(c => int.Parse(c, CultureInfo.InvariantCulture)).ToArray();
        return (codes[0], codes[1]);
    }

    public void Dispose() => _folder.Dispose();
}
