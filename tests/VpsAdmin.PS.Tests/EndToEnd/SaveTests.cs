using System.Formats.Tar;
using System.IO.Compression;
using System.Management.Automation;
using System.Security.Cryptography;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

public sealed class SaveTests(LabFixture lab) : IDisposable
{
    private const int MiB = 1024 * 1024;
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task An_archive_arrives_whole_under_the_servers_name_and_leaves_the_server()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session, MiB);
        var result = session.Run("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path", ("Snapshot", snapshot), ("Path", _folder.Path));
        var file = Assert.IsType<FileInfo>(result.Single.Properties["File"].Value);
        Assert.Equal([file.FullName], Directory.GetFiles(_folder.Path));
        Assert.Equal(file.Length, result.Single.Get<long>("Bytes"));
        Assert.Equal(Sha256(file.FullName), result.Single.Get<string>("Sha256"));
        Assert.True(result.Single.Get<bool>("Verified"));
        Assert.Contains("data", Entries(file.FullName));
        Assert.Empty(await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
        Assert.Equal(ProgressRecordType.Completed, result.Progress[^1].RecordType);
    }

    [Fact]
    public async Task The_file_stays_on_the_server_when_that_is_wanted()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session, 1000);
        Assert.Empty(Save(session, snapshot, "-KeepOnServer").Errors);
        Assert.Single(await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
    }

    [Fact]
    public async Task What_if_neither_makes_a_download_nor_a_file()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session, 1000);
        Assert.Empty(Save(session, snapshot, "-WhatIf").Output);
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Empty(await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
    }

    [Fact]
    public async Task A_file_that_is_there_is_kept_and_the_server_is_not_asked()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session, 1000);
        var file = _folder.File("there");
        File.WriteAllText(file, "mine");
        var error = session.Terminating("Save-VpsSnapshot $Id $Path", ("Id", snapshot.Get<long>("Id")), ("Path", file));
        Assert.Equal("TargetExists", error.Id());
        Assert.Equal(ErrorCategory.ResourceExists, error.CategoryInfo.Category);
        Assert.Equal("mine", File.ReadAllText(file));
        Assert.Empty(await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
        Assert.Equal(snapshot.Get<long>("Id"), session.Run("param($Id, $Path) Save-VpsSnapshot $Id $Path -Force", ("Id", snapshot.Get<long>("Id")), ("Path", file)).Single.Get<long>("SnapshotId"));
        Assert.NotEqual("mine", File.ReadAllText(file));
    }

    [Fact]
    public async Task A_file_that_is_there_under_the_servers_name_is_kept_and_the_error_says_how_it_is_replaced()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session, 1000);
        var file = Assert.IsType<FileInfo>(Save(session, snapshot, "").Single.Properties["File"].Value).FullName;
        File.WriteAllText(file, "mine");
        var refused = Save(session, snapshot, "");
        Assert.Equal("TargetExists", refused.ErrorId);
        Assert.Contains("-Force", refused.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(file));
        await lab.WaitForDownloadsAsync(snapshot.Get<long>("Id"), 0);
        Assert.Empty(Save(session, snapshot, "-Force").Errors);
        Assert.NotEqual("mine", File.ReadAllText(file));
    }

    [Theory]
    [InlineData("-Format IncrementalStream", "InvalidCombination")]
    [InlineData("-FromSnapshot 1 -Format Archive", "InvalidCombination")]
    [InlineData("-Path 'no/such/folder/file'", "FolderNotFound")]
    [InlineData("-Path 'Env:HOME'", "NotFileSystemPath")]
    [InlineData("-Path 'nodrive:x'", "NotFileSystemPath")]
    public async Task Bad_input_is_refused_before_anything_is_touched(string arguments, string id)
    {
        using var session = await lab.ConnectAsync();
        Assert.Equal(id, session.Terminating("Save-VpsSnapshot 1 " + arguments).Id());
    }

    [Theory]
    [InlineData("Save-VpsSnapshot $Id $Path -FromSnapshot $Id -Force")]
    [InlineData("Send-VpsSnapshot $Id -FromSnapshot $Id -Command cat")]
    [InlineData("Receive-VpsSnapshot $Id nopool/x -FromSnapshot $Id")]
    [InlineData("New-VpsSnapshotDownload $Id -FromSnapshot $Id -Force")]
    public async Task A_snapshot_that_should_follow_itself_is_refused_and_the_download_that_is_there_stays(string command)
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session, 1000);
        Assert.Empty(session.Run("param($Snapshot) $Snapshot | New-VpsSnapshotDownload", ("Snapshot", snapshot)).Errors);
        var id = snapshot.Get<long>("Id");
        var refused = session.Run($"param($Id, $Path) try {{ {command} }} catch {{ $_ }}", ("Id", id), ("Path", _folder.Path));
        var error = refused.Errors.Count > 0 ? refused.Errors[0] : Assert.IsType<ErrorRecord>(refused.Single.BaseObject);
        Assert.Equal("InvalidCombination", error.Id());
        Assert.Single(await lab.DownloadsOfAsync(id));
    }

    [Fact]
    public async Task A_snapshot_that_is_not_there_is_an_error_about_its_id()
    {
        using var session = await lab.ConnectAsync();
        var result = session.Run("param($Path) Save-VpsSnapshot 999999 $Path", ("Path", _folder.Path));
        Assert.Equal(999999L, Assert.Single(result.Errors).TargetObject);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task Several_snapshots_do_not_end_up_in_one_file()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var result = session.Run("param($First, $Second, $Path) $First, $Second | Save-VpsSnapshot $Path",
            ("First", vps.Snapshot()), ("Second", vps.Snapshot()), ("Path", _folder.File("one")));
        Assert.Equal("InvalidCombination", result.ErrorId);
        Assert.Single(result.Output);
    }

    [Fact]
    public async Task An_interrupted_download_is_continued_where_it_stopped()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session, 4 * MiB);
        var file = _folder.File("archive.tar.gz");
        await StopWhen(session, "param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path -MaxRate 1MB", snapshot, file, () => Length(file + ".part") > 0);
        Assert.False(File.Exists(file));
        var part = Length(file + ".part");
        Assert.InRange(part, 1, 4 * MiB);

        var result = session.Run("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path -Resume", ("Snapshot", snapshot), ("Path", file));
        Assert.Equal(part, result.Single.Get<long>("ResumedFrom"));
        Assert.Equal(Sha256(file), result.Single.Get<string>("Sha256"));
        Assert.True(result.Single.Get<bool>("Verified"));
        Assert.Equal([file], Directory.GetFiles(_folder.Path));
        Assert.Empty(await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
    }

    [Fact]
    public async Task Stopping_while_the_server_makes_the_file_leaves_a_download_beside_a_part_only()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session, 64 * MiB);
        var file = _folder.File("archive.tar.gz");
        using var shell = session.Prepare("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path -MaxRate 1MB -Verbose", ("Snapshot", snapshot), ("Path", file));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => shell.Streams.Verbose.Any(static v => v.Message.Contains("makes download", StringComparison.Ordinal)) || running.IsCompleted, TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
        Assert.Empty(shell.Streams.Warning);
        await lab.WaitForDownloadsAsync(snapshot.Get<long>("Id"), File.Exists(file + ".part") ? 1 : 0);
    }

    [Fact]
    public async Task An_incremental_stream_follows_from_its_base()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("first", 1000);
        var from = vps.Snapshot();
        vps.Write("second", 1000);
        var saved = session.Run("param($Snapshot, $From, $Path) $Snapshot | Save-VpsSnapshot $Path -FromSnapshot $From",
            ("Snapshot", vps.Snapshot()), ("From", from), ("Path", _folder.Path)).Single;
        Assert.Equal("IncrementalStream", saved.Get<string>("Format"));
        Assert.Equal(from.Get<long>("Id"), saved.Get<long>("FromSnapshotId"));
    }

    public void Dispose() => _folder.Dispose();

    private PSObject Filled(EngineSession session, int bytes)
    {
        var vps = new TestVps(lab, session);
        vps.Write("data", bytes);
        return vps.Snapshot();
    }

    private RunResult Save(EngineSession session, PSObject snapshot, string arguments) =>
        session.Run("param($Snapshot, $Path) $Snapshot | Save-VpsSnapshot $Path " + arguments, ("Snapshot", snapshot), ("Path", _folder.Path));

    private static async Task StopWhen(EngineSession session, string script, PSObject snapshot, string path, Func<bool> condition)
    {
        using var shell = session.Prepare(script, ("Snapshot", snapshot), ("Path", path));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => condition() || running.IsCompleted, TestContext.Current.CancellationToken);
        shell.Stop();
        Assert.Equal(PSInvocationState.Stopped, shell.InvocationStateInfo.State);
    }

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    private static string Sha256(string path)
    {
        using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(file));
    }

    private static List<string> Entries(string path)
    {
        using var gzip = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        using var tar = new TarReader(gzip);
        var names = new List<string>();
        while (tar.GetNextEntry() is { } entry)
            names.Add(Path.GetFileName(entry.Name));
        return names;
    }
}
