using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>What a backup is good for: made by the product, looked at, watched, brought back and compared, without the server.</summary>
public sealed class KeepingTests(LabFixture lab)
{
    private const int MiB = 1024 * 1024;

    /// <summary>A backup of two snapshots, and a session that is not connected.</summary>
    private async Task<(EngineSession Session, TestVps Vps, string Filesystem, string[] Names)> PrepareAsync()
    {
        string[] names;
        TestVps vps;
        string filesystem;
        using (var connected = await lab.ConnectAsync())
        {
            vps = new TestVps(lab, connected);
            filesystem = $"{lab.TargetPool}/keep{vps.Id}";
            Zfs.Run("create", filesystem);
            vps.Write("first", MiB);
            var first = vps.Snapshot().Get<string>("Name");
            vps.Write("second", MiB);
            names = [first, vps.Snapshot().Get<string>("Name")];
            var backup = connected.Run("param($Id, $Filesystem) Backup-VpsDataset $Filesystem -Dataset $Id", ("Id", vps.DatasetId), ("Filesystem", filesystem));
            Assert.Empty(backup.Errors.Select(e => e.ToString()));
        }
        return (new EngineSession(), vps, filesystem, names);
    }

    [Fact]
    public async Task What_a_filesystem_holds_is_shown_without_a_connection()
    {
        var (session, vps, filesystem, names) = await PrepareAsync();
        using var _ = session;
        var backup = session.Run("param($F) Get-VpsBackup $F", ("F", filesystem)).Single;
        Assert.Equal(vps.DatasetId, backup.Get<long>("DatasetId"));
        Assert.Equal(names, session.Run("param($F) (Get-VpsBackup $F).Snapshots.Name", ("F", filesystem)).Output.Select(n => n.ToString()));
        Assert.Contains(filesystem, session.Run("param($P) (Get-VpsBackup $P -Recurse).Filesystem", ("P", lab.TargetPool)).Output.Select(n => n.ToString()));
        Assert.Contains(filesystem, session.Render("param($F) Get-VpsBackup $F", ("F", filesystem)), StringComparison.Ordinal);
        Assert.Equal("ZfsNotFound", session.Run("param($F) Get-VpsBackup \"$F/nowhere\"", ("F", filesystem)).ErrorId);
    }

    [Fact]
    public async Task Freshness_is_true_or_false_or_told_in_detail_or_as_a_plugin()
    {
        var (session, _, filesystem, _) = await PrepareAsync();
        using var _1 = session;
        Assert.True((bool)session.Run("param($F) Test-VpsBackup $F -MaxAge 1", ("F", filesystem)).Single.BaseObject);
        Assert.True((bool)session.Run("param($F) Get-VpsBackup $F | Test-VpsBackup -MaxAge 1", ("F", filesystem)).Single.BaseObject);
        // A filesystem that holds nothing is no backup.
        Assert.False((bool)session.Run("param($F) Test-VpsBackup \"$F/0\" -MaxAge 1", ("F", filesystem)).Single.BaseObject);
        Assert.Equal("Ok", session.Run("param($F) Test-VpsBackup $F -MaxAge 1 -Detailed", ("F", filesystem)).Single.Get<string>("State"));
        var plugin = session.Run("param($F) Test-VpsBackup $F -MaxAge 1 -Nagios; $global:LASTEXITCODE", ("F", filesystem)).Output;
        Assert.StartsWith($"BACKUP OK - {filesystem}/0@", plugin[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(0, plugin[1].BaseObject);
        var missing = session.Run("param($F) Test-VpsBackup $F, \"$F/nowhere\" -MaxAge 1 -Nagios; $global:LASTEXITCODE", ("F", filesystem)).Output;
        Assert.StartsWith("BACKUP UNKNOWN - ", missing[0].ToString(), StringComparison.Ordinal);
        Assert.Equal(3, missing[1].BaseObject);
        Assert.Equal("ZfsNotFound", session.Run("param($F) Test-VpsBackup \"$F/nowhere\" -MaxAge 1", ("F", filesystem)).ErrorId);
        Assert.Equal("InvalidCombination", session.Terminating("Test-VpsBackup tank/x -MaxAge 1 -WarningAge 2").Id());
    }

    [Fact]
    public async Task The_recipe_for_monitoring_ends_with_the_plugins_exit_status()
    {
        var (session, _, filesystem, _) = await PrepareAsync();
        session.Dispose();
        foreach (var (command, expected, silent) in ((string, int, bool)[])[
            ($"Test-VpsBackup {filesystem}", 0, true), ($"Test-VpsBackup {filesystem}/nowhere", 3, true), ($"Get-VpsBackup {filesystem}/nowhere -Recurse | Test-VpsBackup", 3, false)])
        {
            var (code, output, error) = await ProgramRun.RunAsync(Repository.Shell, ["-Command", $"{command} -MaxAge 1.06:00 -WarningAge 1.02:00 -Nagios; exit ($LASTEXITCODE ?? 3)"]);
            Assert.Equal((expected, silent), (code, error.Length == 0));
            Assert.StartsWith("BACKUP ", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_restore_is_planned_first_and_brings_back_every_byte()
    {
        var (session, vps, filesystem, names) = await PrepareAsync();
        using var _ = session;
        using var folder = new TemporaryFolder();
        var source = Zfs.Run("get", "-H", "-o", "value", "mountpoint", vps.Filesystem).Trim();
        var target = $"{lab.TargetPool}/restored{vps.Id}";

        var plan = session.Run("param($F, $T) Restore-VpsBackup $F $T -WhatIf", ("F", filesystem), ("T", target)).Single;
        Assert.Equal($"{filesystem}/0@{names[1]}", plan.Properties["Snapshot"].Value.ToString());
        Assert.Equal(1, Zfs.Try("list", target).Status);

        var restored = session.Run("param($F, $T) Get-VpsBackup $F | Restore-VpsBackup -TargetFilesystem $T", ("F", filesystem), ("T", target)).Single;
        Assert.True(restored.Get<bool>("Verified"));
        // Below the pool, which unmounts it when it goes: a folder of this test could not be deleted before that.
        if (Zfs.Run("get", "-H", "-o", "value", "mounted", target).Trim() == "no")
            Zfs.Run("mount", target);
        var mounted = Zfs.Run("get", "-H", "-o", "value", "mountpoint", target).Trim();
        foreach (var file in (string[])["first", "second"])
            Assert.Equal(await BytesAsync(Path.Combine(source, file)), await BytesAsync(Path.Combine(mounted, file)));

        var files = session.Run("param($F, $D, $S) Restore-VpsBackup $F -Snapshot $S -Destination $D", ("F", filesystem), ("D", folder.File("old")), ("S", names[0])).Single;
        Assert.Equal(folder.File("old"), files.Get<string>("Target"));
        Assert.Equal(["first"], Directory.GetFileSystemEntries(folder.File("old")).Select(Path.GetFileName));
        Assert.Equal(await BytesAsync(Path.Combine(source, "first")), await BytesAsync(Path.Combine(folder.File("old"), "first")));

        var one = session.Run("param($F, $D, $A) Restore-VpsBackup $F -Path second -Destination $D -At $A", ("F", filesystem), ("D", folder.File("one")), ("A", DateTimeOffset.UtcNow)).Single;
        Assert.Equal(await BytesAsync(Path.Combine(source, "second")), await BytesAsync(one.Get<string>("Target")));

        var stream = session.Run("param($F, $O) Restore-VpsBackup $F -OutFile $O -Compress", ("F", filesystem), ("O", folder.File("web.zfs.gz"))).Single;
        Assert.Equal(64, stream.Get<string>("Sha256").Length);
        Assert.True(new FileInfo(folder.File("web.zfs.gz")).Length > 2 * MiB);
    }

    [Theory]
    [InlineData("-Snapshot nowhere -Destination $D", "BackupSnapshotNotFound")]
    [InlineData("-Path ../etc -Destination $D", "RestorePathNotFound")]
    [InlineData("-Path no/where -Destination $D", "RestorePathNotFound")]
    [InlineData("-TargetFilesystem \"$F/9\"", "RestoreTargetConflict")]
    [InlineData("-OutFile \"$D/no/folder\"", "RestoreTargetConflict")]
    public async Task What_cannot_be_restored_is_an_error_and_leaves_nothing(string arguments, string id)
    {
        var (session, _, filesystem, _) = await PrepareAsync();
        using var _1 = session;
        using var folder = new TemporaryFolder();
        Assert.Equal(id, session.Run($"param($F, $D) Restore-VpsBackup $F {arguments}", ("F", filesystem), ("D", folder.File("d"))).ErrorId);
        Assert.Empty(Directory.GetFileSystemEntries(folder.Path));
    }

    private static Task<byte[]> BytesAsync(string file) => File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
}
