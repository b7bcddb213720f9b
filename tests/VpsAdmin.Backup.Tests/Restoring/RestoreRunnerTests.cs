using System.IO.Compression;
using System.Runtime.Versioning;
using System.Security.Cryptography;
using VpsAdmin.Backup.Restoring;
using VpsAdmin.Backup.Tests.Running;
using VpsAdmin.Zfs.Replay;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Backup.Tests.Restoring;

/// <summary>Out of a real backup, back again, and every byte compared.</summary>
[SupportedOSPlatform("linux")]
public sealed class RestoreRunnerTests(LabFixture lab) : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-restored-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private RestoreRunner Runner => new(lab.Zfs, sudo: false, TimeProvider.System);

    private string Folder(string name) => Path.Combine(_folder, name);

    /// <summary>A backup with one history and two snapshots of the same tree, of which the second has one file changed.</summary>
    private async Task<(string Filesystem, string Source)> BackupAsync()
    {
        var filesystem = await lab.CreateFilesystemAsync("kept");
        await lab.Zfs.CreateFilesystemAsync($"{filesystem}/0", properties: null, Cancel);
        var top = (await lab.Zfs.GetFilesystemAsync($"{filesystem}/0", Cancel)).Mountpoint!;
        Tree.Write(top);
        await lab.Zfs.SnapshotAsync(new SnapshotName($"{filesystem}/0", "old"), Cancel);
        await File.WriteAllTextAsync(Path.Combine(top, "etc", "config"), "new", Cancel);
        await lab.Zfs.SnapshotAsync(new SnapshotName($"{filesystem}/0", "new"), Cancel);
        return (filesystem, top);
    }

    private async Task<RestoreResult> RestoreAsync(string filesystem, RestoreTarget target, string? snapshot = null) =>
        await Runner.RunAsync(await Runner.PlanAsync(filesystem, new RestoreSelection(Name: snapshot), target, Cancel), null, Cancel);

    [Fact]
    public async Task A_snapshot_becomes_a_filesystem_with_the_same_guid_and_the_same_bytes()
    {
        var (filesystem, source) = await BackupAsync();
        var target = await lab.CreateFilesystemAsync("back") + "/web";

        var result = await RestoreAsync(filesystem, new DatasetTarget(target));

        Assert.True(result.Verified);
        Assert.True(result.Bytes > 1_000_000);
        Assert.Equal($"{filesystem}/0@new", result.Snapshot.ToString());
        Assert.Equal(result.Snapshot.Guid, (await lab.Zfs.GetSnapshotAsync(new SnapshotName(target, "new"), Cancel)).Guid);
        Assert.Single(await lab.Zfs.ListSnapshotsAsync(target, depth: 0, Cancel));
        await lab.Zfs.SetPropertyAsync(target, "mountpoint", Folder("mounted"), Cancel);
        await RunAsync("zfs", "mount", target);
        Tree.AssertEqual(source, Folder("mounted"));
        await lab.Zfs.DestroyRecursivelyAsync(target, Cancel);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_snapshot_becomes_a_file_that_can_be_received(bool compress)
    {
        var (filesystem, _) = await BackupAsync();
        var file = Folder("stream");

        var result = await RestoreAsync(filesystem, new StreamFileTarget(file, compress, Overwrite: false), "old");

        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, Cancel))), result.Sha256);
        var stream = new ReplayStream();
        stream.Read(await ReadAsync(file, compress));
        Assert.True(stream.IsComplete);
        Assert.Equal(result.Bytes, stream.Position);
        Assert.Equal(result.Snapshot.Guid, Assert.Single(stream.Substreams).ToGuid);
        Assert.Equal([file], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task All_files_of_a_snapshot_are_copied_as_they_are()
    {
        var (filesystem, source) = await BackupAsync();
        Directory.CreateDirectory(Folder("all"));

        var result = await RestoreAsync(filesystem, new FilesTarget(SnapshotPath.Parse("/"), Folder("all")));

        Assert.Equal(Folder("all"), result.Target);
        Tree.AssertEqual(source, Folder("all"));
        Assert.Equal([Folder("all")], Directory.GetFileSystemEntries(_folder));
        Assert.False(await lab.Zfs.ExistsAsync($"{filesystem}/restore-files", Cancel));
    }

    [Fact]
    public async Task One_folder_of_an_older_snapshot_has_the_older_bytes()
    {
        var (filesystem, _) = await BackupAsync();

        var result = await RestoreAsync(filesystem, new FilesTarget(SnapshotPath.Parse("/etc"), Folder("some")), "old");

        Assert.Equal(Path.Combine(Folder("some"), "etc"), result.Target);
        Assert.Equal("old", await File.ReadAllTextAsync(Path.Combine(Folder("some"), "etc", "config"), Cancel));
        Assert.Equal(Private, File.GetUnixFileMode(Path.Combine(Folder("some"), "etc", "config")));
    }

    [Fact]
    public async Task A_link_is_restored_as_a_link_and_never_followed()
    {
        var (filesystem, _) = await BackupAsync();

        await RestoreAsync(filesystem, new FilesTarget(SnapshotPath.Parse("host"), Folder("links")));
        var error = await Assert.ThrowsAsync<RestoreException>(() => RestoreAsync(filesystem, new FilesTarget(SnapshotPath.Parse("host/passwd"), Folder("links"))));

        Assert.Equal("/etc", new FileInfo(Path.Combine(Folder("links"), "host")).LinkTarget);
        Assert.Equal(RestoreFailure.PathNotFound, error.Failure);
        Assert.Equal(["host"], Directory.GetFileSystemEntries(Folder("links")).Select(Path.GetFileName));
    }

    [Fact]
    public async Task What_is_there_already_is_not_touched()
    {
        var (filesystem, _) = await BackupAsync();
        var other = await lab.CreateFilesystemAsync("there");
        await File.WriteAllTextAsync(Folder("file"), "mine", Cancel);
        Directory.CreateDirectory(Folder("full/etc"));
        RestoreTarget[] targets =
        [
            new DatasetTarget(other), new DatasetTarget(other + "/no/parent"), new StreamFileTarget(Folder("file"), false, false), new StreamFileTarget(Folder("no/folder"), false, true),
            new FilesTarget(SnapshotPath.Parse("etc"), Folder("full")), new FilesTarget(SnapshotPath.Parse("/"), Folder("full")),
        ];
        foreach (var target in targets)
            Assert.Equal(RestoreFailure.TargetConflict, (await Assert.ThrowsAsync<RestoreException>(() => RestoreAsync(filesystem, target))).Failure);
        Assert.Equal("mine", await File.ReadAllTextAsync(Folder("file"), Cancel));
    }

    [Fact]
    public async Task A_path_that_the_snapshot_has_not_leaves_nothing()
    {
        var (filesystem, _) = await BackupAsync();
        var error = await Assert.ThrowsAsync<RestoreException>(() => RestoreAsync(filesystem, new FilesTarget(SnapshotPath.Parse("etc/nothing"), Folder("none"))));
        Assert.Contains("/etc/nothing", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
        Assert.False(await lab.Zfs.ExistsAsync($"{filesystem}/restore-files", Cancel));
    }

    [Fact]
    public async Task What_a_crash_left_is_cleared_and_somebody_elses_dataset_is_not()
    {
        var (filesystem, _) = await BackupAsync();
        var clone = $"{filesystem}/restore-files";
        await lab.Zfs.CloneAsync(new SnapshotName($"{filesystem}/0", "old"), clone, new Dictionary<string, string> { [RestoreClone.Mark] = "on" }, Cancel);
        await RestoreAsync(filesystem, new FilesTarget(SnapshotPath.Parse("etc"), Folder("a")));
        Assert.False(await lab.Zfs.ExistsAsync(clone, Cancel));

        await lab.Zfs.CreateFilesystemAsync(clone, properties: null, Cancel);
        var error = await Assert.ThrowsAsync<RestoreException>(() => RestoreAsync(filesystem, new FilesTarget(SnapshotPath.Parse("etc"), Folder("b"))));
        Assert.Equal(RestoreFailure.TargetConflict, error.Failure);
        Assert.True(await lab.Zfs.ExistsAsync(clone, Cancel));
    }

    [Fact]
    public async Task Stopping_leaves_neither_a_filesystem_nor_a_file()
    {
        var (filesystem, _) = await BackupAsync();
        var target = await lab.CreateFilesystemAsync("stopped") + "/web";
        foreach (var where in (RestoreTarget[])[new DatasetTarget(target), new StreamFileTarget(Folder("stopped"), false, false)])
        {
            using var stop = new CancellationTokenSource();
            var plan = await Runner.PlanAsync(filesystem, new RestoreSelection(), where, Cancel);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Runner.RunAsync(plan, new StopAtFirst(stop), stop.Token));
        }
        Assert.False(await lab.Zfs.ExistsAsync(target, Cancel));
        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task A_send_that_dies_and_says_so_commits_nothing()
    {
        var (filesystem, _) = await BackupAsync();
        var runner = await RunnerWithAsync("if [ \"$1\" = send ]; then ZFS \"$@\" | head -c 500000; echo broken >&2; exit 3; fi");
        var target = await lab.CreateFilesystemAsync("failed") + "/web";
        var plan = await runner.PlanAsync(filesystem, new RestoreSelection(), new DatasetTarget(target), Cancel);

        var error = await Assert.ThrowsAsync<ZfsException>(() => runner.RunAsync(plan, null, Cancel));

        Assert.Contains("broken", error.Message, StringComparison.Ordinal);
        Assert.False(await lab.Zfs.ExistsAsync(target, Cancel));
    }

    [Fact]
    public async Task What_arrives_with_another_guid_is_not_taken_for_the_backup()
    {
        var (filesystem, _) = await BackupAsync();
        var target = await lab.CreateFilesystemAsync("mismatched") + "/web";
        var runner = await RunnerWithAsync($"case \"$*\" in *get*{target}@new) ZFS \"$@\" | sed 's/\\(guid.\\)[0-9]*$/\\17/'; exit;; esac");
        var plan = await runner.PlanAsync(filesystem, new RestoreSelection(), new DatasetTarget(target), Cancel);
        var error = await Assert.ThrowsAsync<RestoreException>(() => runner.RunAsync(plan, null, Cancel));
        Assert.Equal(RestoreFailure.Mismatch, error.Failure);
    }

    /// <summary>A runner whose zfs does something else at times.</summary>
    /// <param name="script">Shell; ZFS is the real one.</param>
    private async Task<RestoreRunner> RunnerWithAsync(string script)
    {
        var zfs = await FindAsync("zfs");
        var program = Folder("zfs-of-its-own");
        await File.WriteAllTextAsync(program, $"#!/bin/sh\n{script.Replace("ZFS", zfs, StringComparison.Ordinal)}\nexec {zfs} \"$@\"\n", Cancel);
        File.SetUnixFileMode(program, Private | UnixFileMode.UserExecute);
        return new RestoreRunner(new ZfsHost(new ZfsHostOptions(Program: program)), sudo: false, TimeProvider.System);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static async Task<byte[]> ReadAsync(string file, bool compressed)
    {
        await using var raw = File.OpenRead(file);
        await using var gzip = new GZipStream(raw, CompressionMode.Decompress);
        using var bytes = new MemoryStream();
        await (compressed ? gzip : (Stream)raw).CopyToAsync(bytes, Cancel);
        return bytes.ToArray();
    }

    private static async Task<string> FindAsync(string program)
    {
        await using var which = OwnedProcess.Start(new ProcessSpec("which", [program], RedirectOutput: true));
        using var reader = new StreamReader(which.StandardOutput);
        return (await reader.ReadToEndAsync(Cancel)).Trim();
    }

    private static async Task RunAsync(string program, params string[] arguments)
    {
        await using var process = OwnedProcess.Start(new ProcessSpec(program, arguments));
        Assert.Equal(0, (await process.Completion).ExitCode);
    }

    private sealed class StopAtFirst(CancellationTokenSource stop) : IProgress<RestoreProgress>
    {
        public void Report(RestoreProgress value)
        {
            if (value.Bytes > 0)
                stop.Cancel();
        }
    }
}
