using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Tests;

public sealed class ArchiveTests(LabFixture lab) : IAsyncLifetime
{
    private readonly DownloadBench _bench = new(lab);
    private readonly string _out = Directory.CreateTempSubdirectory("archive-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public ValueTask InitializeAsync() => _bench.StartAsync(Cancel);

    public async ValueTask DisposeAsync()
    {
        Directory.Delete(_out, recursive: true);
        await _bench.DisposeAsync();
    }

    [Fact]
    public async Task An_archive_unpacks_to_the_files_of_the_snapshot()
    {
        await MakeFilesAsync();
        await _bench.Node.SnapshotAsync("101", "s", Cancel);
        var before = await DescribeAsync(_bench.PathOf("."));
        await File.WriteAllTextAsync(_bench.PathOf("later"), "not in the snapshot", Cancel);
        File.Delete(_bench.PathOf("big"));

        await _bench.SucceedAsync(_bench.Export("s", "archive"), Cancel);

        await RunAsync("tar", "-xzpf", _bench.FilePath, "-C", _out);
        Assert.Equal(before, await DescribeAsync(_out));
        Assert.All((await RunAsync("tar", "-tzf", _bench.FilePath)).Split('\n'), static member => Assert.StartsWith("./", member, StringComparison.Ordinal));
        Assert.False(await lab.Zfs.ExistsAsync(_bench.CloneName, Cancel));
    }

    [Fact]
    public async Task What_a_crash_left_mounted_is_replaced_and_removed()
    {
        await File.WriteAllTextAsync(_bench.PathOf("file"), "old", Cancel);
        var old = await _bench.Node.SnapshotAsync("101", "old", Cancel);
        await File.WriteAllTextAsync(_bench.PathOf("file"), "new", Cancel);
        await _bench.Node.SnapshotAsync("101", "s", Cancel);
        await DownloadArea.PrepareAsync(lab.Zfs, _bench.Node.Filesystem, Cancel);
        await lab.Zfs.CreateFilesystemAsync($"{_bench.Node.Filesystem}/vpsadmin/mount", properties: null, Cancel);
        await lab.Zfs.CloneAsync(old.Name, _bench.CloneName, properties: null, Cancel);

        await _bench.SucceedAsync(_bench.Export("s", "archive"), Cancel);

        await RunAsync("tar", "-xzf", _bench.FilePath, "-C", _out);
        Assert.Equal("new", await File.ReadAllTextAsync(Path.Combine(_out, "file"), Cancel));
        Assert.False(await lab.Zfs.ExistsAsync(_bench.CloneName, Cancel));
    }

    [Fact]
    public async Task Rollback_removes_what_a_crash_left_mounted()
    {
        var snapshot = await _bench.Node.SnapshotAsync("101", "s", Cancel);
        await lab.Zfs.CreateFilesystemAsync($"{_bench.Node.Filesystem}/vpsadmin", properties: null, Cancel);
        await lab.Zfs.CreateFilesystemAsync($"{_bench.Node.Filesystem}/vpsadmin/mount", properties: null, Cancel);
        await lab.Zfs.CloneAsync(snapshot.Name, _bench.CloneName, properties: null, Cancel);

        var rollback = _bench.Export("s", "archive") with { Rollback = true, Queue = "rollback" };
        Assert.Null((await _bench.Node.RunAsync(rollback, Cancel)).Error);

        Assert.False(await lab.Zfs.ExistsAsync(_bench.CloneName, Cancel));
    }

    private async Task MakeFilesAsync()
    {
        await _bench.FillAsync("big", bytes: 3_000_001, Cancel);
        await _bench.FillAsync("\u017elu\u0165ou\u010dk\u00fd k\u016f\u0148 'and' \"quotes\"\nand a new line", bytes: 1, Cancel);
        await _bench.FillAsync("-rf", bytes: 2, Cancel);
        await _bench.FillAsync(new string('n', 250), bytes: 3, Cancel);
        await _bench.FillAsync("empty", bytes: 0, Cancel);
        Directory.CreateDirectory(_bench.PathOf("an empty/folder"));
        File.CreateSymbolicLink(_bench.PathOf("link"), "../nowhere/at all");
        await RunAsync("ln", _bench.PathOf("big"), _bench.PathOf("hard link"));
        await RunAsync("chmod", "4751", _bench.PathOf("big"));
        await RunAsync("chmod", "0600", _bench.PathOf("-rf"));
        await RunAsync("chown", "12345:54321", _bench.PathOf("empty"));
        await RunAsync("chmod", "0710", _bench.PathOf("."));
    }

    /// <summary>Name, kind, mode, owners, link count of files, size, time of change and link target of everything; then sums of all files.</summary>
    private static async Task<string> DescribeAsync(string folder)
    {
        const string Format = @"%P\t%y\t%m\t%U:%G\t%T@\t%l\0";
        var entries = await RunAsync("find", folder, "-printf", Format);
        var sums = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
            .Where(static file => new FileInfo(file).LinkTarget is null)
            .Select(file => $"{Path.GetRelativePath(folder, file)} {Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))}");
        return string.Join('\n', entries.Split('\0').Concat(sums).Order(StringComparer.Ordinal));
    }

    private static async Task<string> RunAsync(string program, params string[] arguments)
    {
        await using var process = OwnedProcess.Start(new ProcessSpec(program, arguments, RedirectOutput: true));
        using var reader = new StreamReader(process.StandardOutput);
        var output = await reader.ReadToEndAsync(Cancel);
        var result = await process.Completion.WaitAsync(Cancel);
        Assert.Equal((0, ""), (result.ExitCode, result.StandardError));
        return output.TrimEnd('\n');
    }
}
