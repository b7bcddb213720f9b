using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>Backups by vpsadmin as a program, as cron runs it: what it says, what it ends with, and what a kill leaves.</summary>
public sealed class ProgramTests(LabFixture lab) : IDisposable
{
    private const int MiB = 1024 * 1024;

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_backup_that_was_killed_in_the_middle_is_made_by_the_next_run()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var filesystem = CreateFilesystem(vps);
        vps.Write("first", MiB);
        var first = vps.Snapshot().Get<string>("Name");
        Assert.Equal(0, (await RunAsync(vps, filesystem, "")).Code);
        vps.Write("second", 8 * MiB);
        var second = vps.Snapshot().Get<string>("Name");

        using (var process = Process.Start(new ProcessStartInfo(Repository.Shell, Script(vps, filesystem, "-MaxRate 500KB")) { RedirectStandardOutput = true, RedirectStandardError = true })!)
        {
            await Eventually.Async(() => Zfs.ProcessesNaming($"{filesystem}/0").Count > 0, Cancel);
            // SIGKILL: nothing of it cleans up.
            process.Kill();
            await process.WaitForExitAsync(Cancel);
        }
        await Eventually.Async(() => Zfs.ProcessesNaming($"{filesystem}/0").Count == 0, Cancel);

        var again = await RunAsync(vps, filesystem, "");
        Assert.Equal((0, ""), (again.Code, again.Error));
        Assert.Equal(second, again.Json.GetProperty("snapshots_added")[0].GetString());
        Assert.Equal([$"/0@{first}", $"/0@{second}"], Zfs.Snapshots(filesystem));
    }

    [Fact]
    public async Task The_exit_code_tells_what_went_wrong_and_nothing_is_said_when_all_is_well()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var filesystem = CreateFilesystem(vps);
        var name = vps.Snapshot().Get<string>("Name");

        var good = await RunAsync(vps, filesystem, "");
        Assert.Equal((0, ""), (good.Code, good.Error));
        Assert.Equal("Transfer", good.Json.GetProperty("outcome").GetString());
        var nothing = await RunAsync(vps, filesystem, "");
        Assert.Equal((0, "", "UpToDate"), (nothing.Code, nothing.Error, nothing.Json.GetProperty("outcome").GetString()));

        var configuration = await RunAsync(vps, filesystem + "/missing", "");
        Assert.Equal((15, "ZfsNotFound"), (configuration.Code, configuration.Json.GetProperty("error_id").GetString()));

        Zfs.Run("rename", $"{filesystem}/0@{name}", $"{filesystem}/0@other");
        vps.Snapshot();
        var conflict = await RunAsync(vps, filesystem, "");
        Assert.Equal((14, "NoCommonSnapshot"), (conflict.Code, conflict.Json.GetProperty("error_id").GetString()));
        Assert.Contains("NoCommonSnapshot", conflict.Error, StringComparison.Ordinal);
    }

    private string CreateFilesystem(TestVps vps)
    {
        var filesystem = $"{lab.TargetPool}/program-{vps.Id}";
        Zfs.Run("create", filesystem);
        return filesystem;
    }

    private async Task<(int Code, string Error, JsonElement Json)> RunAsync(TestVps vps, string filesystem, string arguments)
    {
        var (code, output, error) = await ProgramRun.RunAsync(Repository.Shell, Script(vps, filesystem, arguments));
        Assert.True(output.Length > 0, error);
        return (code, error, JsonDocument.Parse(output).RootElement);
    }

    /// <summary>The script and its arguments.</summary>
    private string[] Script(TestVps vps, string filesystem, string arguments)
    {
        var script = _folder.File("backup.ps1");
        File.WriteAllText(script, $$"""
            param($Uri, $PasswordFile, [long] $Id, $Filesystem)
            $ErrorActionPreference = 'Stop'
            $password = [Net.NetworkCredential]::new('', [IO.File]::ReadAllText($PasswordFile).Trim()).SecurePassword
            $null = Connect-VpsAdmin $Uri ([pscredential]::new('admin', $password))
            Backup-VpsDataset $Filesystem -Dataset $Id -AsJson {{arguments}}
            """);
        return [script, lab.Server.Uri, Path.Combine(lab.DataPath, "admin-password"), vps.DatasetId.ToString(CultureInfo.InvariantCulture), filesystem];
    }

    public void Dispose() => _folder.Dispose();
}
