using System.Diagnostics;
using System.Globalization;
using System.Management.Automation;
using System.Security.Cryptography;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>Interrupted saves: what is left, how it goes on, and how it is given up.</summary>
public sealed class UnfinishedTests(LabFixture lab) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task What_was_interrupted_is_found_and_goes_on_from_the_pipeline()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session);
        await InterruptAsync(session, snapshot);
        var found = session.Run("param($Path) Get-VpsTransfer $Path", ("Path", _folder.Path)).Single;
        Assert.Equal((snapshot.Get<long>("Id"), "Archive"), (found.Get<long>("SnapshotId"), found.Get<string>("Format")));
        var part = found.Get<string>("PartPath");
        Assert.Equal(new FileInfo(part).Length, found.Get<long>("Bytes"));
        foreach (var path in (string[])[found.Get<string>("Path"), part, part + ".json"])
            Assert.Equal(part, session.Run("param($Path) Get-VpsTransfer $Path", ("Path", path)).Single.Get<string>("PartPath"));

        var saved = session.Run("param($Path) Get-VpsTransfer $Path | Save-VpsSnapshot -Resume", ("Path", _folder.Path)).Single;
        Assert.Equal(found.Get<long>("Bytes"), saved.Get<long>("ResumedFrom"));
        Assert.Equal(found.Get<string>("Path"), ((FileInfo)saved.Properties["File"].Value).FullName);
        Assert.Equal([found.Get<string>("Path")], Directory.GetFiles(_folder.Path));
        Assert.Empty(await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
    }

    [Fact]
    public async Task A_part_in_a_folder_is_neither_passed_over_nor_continued_unasked()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session);
        await InterruptAsync(session, snapshot);
        var refused = Save(session, snapshot, "");
        Assert.Equal("TargetExists", refused.ErrorId);
        var saved = Save(session, snapshot, "-Resume").Single;
        Assert.True(saved.Get<long>("ResumedFrom") > 0);
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task BUG_25_a_part_whose_download_is_gone_is_kept_and_no_new_download_is_made()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session);
        await InterruptAsync(session, snapshot);
        var id = snapshot.Get<long>("Id");
        Assert.Empty(session.Run("param($Snapshot) $Snapshot | Get-VpsSnapshotDownload | Remove-VpsSnapshotDownload -Confirm:$false", ("Snapshot", snapshot)).Errors);
        // Until the node has removed it, it could be continued.
        await lab.WaitForDownloadsAsync(id, 0);

        Assert.Equal("ExportVanished", Save(session, snapshot, "-Resume").ErrorId);
        Assert.Empty(await lab.DownloadsOfAsync(id));
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);

        Assert.Equal(0, Save(session, snapshot, "-Resume -Force").Single.Get<long>("ResumedFrom"));
        Assert.Single(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Giving_up_removes_what_is_here_and_on_request_what_is_there()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session);
        await InterruptAsync(session, snapshot);
        Assert.Empty(session.Run("param($Path) Get-VpsTransfer $Path | Remove-VpsTransfer -WhatIf", ("Path", _folder.Path)).Errors);
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
        var removed = session.Run("param($Path) Get-VpsTransfer $Path | Remove-VpsTransfer -FromServer -Confirm:$false", ("Path", _folder.Path));
        Assert.Empty(removed.Errors.Select(e => e.ToString()));
        Assert.Empty(removed.Warnings);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        await lab.WaitForDownloadsAsync(snapshot.Get<long>("Id"), 0);
    }

    [Theory]
    [InlineData("Remove-VpsTransfer $Path -Confirm:$false", "")]
    [InlineData("Remove-VpsTransfer $Path -Confirm:$false", ".tar.gz")]
    [InlineData("Remove-VpsTransfer -LiteralPath $Path -Confirm:$false", ".tar.gz.part")]
    [InlineData("[pscustomobject]@{ PSPath = $Path } | Remove-VpsTransfer -Confirm:$false", ".tar.gz.part.json")]
    public async Task Giving_up_by_a_path_removes_the_part_with_what_is_known_of_it(string command, string ending)
    {
        using var session = await lab.ConnectAsync();
        await InterruptAsync(session, Filled(session));
        var path = ending.Length == 0 ? _folder.Path : Directory.GetFiles(_folder.Path, "*.part").Single()[..^".tar.gz.part".Length] + ending;
        Assert.Empty(session.Run("param($Path) Remove-VpsTransfer $Path -WhatIf", ("Path", path)).Errors);
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
        Assert.Empty(session.Run("param($Path) " + command, ("Path", path)).Errors.Select(e => e.ToString()));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void Giving_up_what_is_none_is_an_error_about_it_and_needs_no_server()
    {
        using var session = new EngineSession();
        File.WriteAllText(_folder.File("mine"), "x");
        var result = session.Run("param($Path) Remove-VpsTransfer $Path, $Path -Confirm:$false", ("Path", _folder.File("mine")));
        Assert.Equal(["TransferNotFound", "TransferNotFound"], result.Errors.Select(e => e.Id()));
        Assert.Equal("x", File.ReadAllText(_folder.File("mine")));
    }

    [Fact]
    public void What_is_no_unfinished_download_is_an_error_about_it_and_needs_no_server()
    {
        using var session = new EngineSession();
        Assert.Empty(session.Run("param($Path) Get-VpsTransfer $Path -Recurse", ("Path", _folder.Path)).Output);
        var result = session.Run("param($Path) Get-VpsTransfer $Path", ("Path", _folder.File("none")));
        Assert.Equal("TransferNotFound", result.ErrorId);
        Assert.Equal(_folder.File("none"), result.Errors[0].TargetObject);
    }

    [Fact]
    public async Task A_process_that_is_killed_is_continued_by_another()
    {
        using var session = await lab.ConnectAsync();
        // More than the first chunk of a file whose size is not known yet: what is recorded is what counts.
        var snapshot = Filled(session, mebibytes: 20);
        var script = _folder.File("save.ps1");
        await File.WriteAllTextAsync(script,
            """
            param($Uri, $PasswordFile, [long] $Id, $Path)
            $secret = [Security.SecureString]::new()
            foreach ($c in [IO.File]::ReadAllText($PasswordFile).Trim().ToCharArray()) { $secret.AppendChar($c) }
            $null = Connect-VpsAdmin $Uri ([pscredential]::new('admin', $secret))
            Save-VpsSnapshot $Id $Path -MaxRate 2MB
            """, TestContext.Current.CancellationToken);
        var target = _folder.File("archive.tar.gz");
        using (var process = Process.Start(new ProcessStartInfo(Repository.Shell,
            [script, lab.Server.Uri, Path.Combine(lab.DataPath, "admin-password"), snapshot.Get<long>("Id").ToString(CultureInfo.InvariantCulture), target]) { RedirectStandardOutput = true })!)
        {
            await Eventually.Async(() => Recorded(target) > 0 || process.HasExited, TestContext.Current.CancellationToken);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        }
        Assert.False(File.Exists(target));
        var recorded = Recorded(target);

        var saved = session.Run("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path -Resume", ("Snapshot", snapshot), ("Path", target)).Single;
        Assert.Equal(recorded, saved.Get<long>("ResumedFrom"));
        Assert.True(saved.Get<bool>("Verified"));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(target, TestContext.Current.CancellationToken))), saved.Get<string>("Sha256"));
        Assert.Equal([target, script], Directory.GetFiles(_folder.Path).Order());
    }

    public void Dispose() => _folder.Dispose();

    private PSObject Filled(EngineSession session, int mebibytes = 6)
    {
        var vps = new TestVps(lab, session);
        vps.Write("data", mebibytes * MiB);
        return vps.Snapshot();
    }

    private RunResult Save(EngineSession session, PSObject snapshot, string arguments) =>
        session.Run("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path " + arguments, ("Snapshot", snapshot), ("Path", _folder.Path));

    private async Task InterruptAsync(EngineSession session, PSObject snapshot)
    {
        using var shell = session.Prepare("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path -MaxRate 1MB", ("Snapshot", snapshot), ("Path", _folder.Path));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => Directory.GetFiles(_folder.Path, "*.part").Any(static f => new FileInfo(f).Length > 0) || running.IsCompleted, TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Equal(2, Directory.GetFiles(_folder.Path).Length);
    }

    /// <summary>Bytes that the sidecar vouches for.</summary>
    private static long Recorded(string target)
    {
        try
        {
            using var sidecar = System.Text.Json.JsonDocument.Parse(File.ReadAllBytes(target + ".part.json"));
            return sidecar.RootElement.GetProperty("length").GetInt64();
        }
        catch (IOException)
        {
            return 0;
        }
    }
}
