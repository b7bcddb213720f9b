using System.IO.Compression;
using System.Text.Json;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Tests;

/// <summary>A node with the dataset <c>101</c>, and one download of it.</summary>
internal sealed class DownloadBench(LabFixture lab) : IAsyncDisposable
{
    public const long DownloadId = 42;
    private const string FileName = "101__s.dat.gz";
    private static readonly string Key = string.Concat(Enumerable.Repeat("0123456789abcdef0011", 5));

    private readonly Random _random = new(1);
    private string _folder = "";

    public TestNode Node { get; private set; } = null!;

    public string Area => Path.Combine(Node.Folder, "vpsadmin", "download");

    public string FilePath => Path.Combine(Area, Key, FileName);

    public string CloneName => $"{Node.Filesystem}/vpsadmin/mount/{DownloadId}";

    public static string SecretKey => Key;

    /// <summary>Of the file now; 0 when it is not there.</summary>
    public long Length => new FileInfo(FilePath) is { Exists: true } file ? file.Length : 0;

    public async ValueTask StartAsync(CancellationToken cancel, ZfsHost? zfs = null)
    {
        Node = await lab.StartNodeAsync(cancel, zfs);
        _folder = await Node.CreateDatasetAsync("101", cancel);
    }

    public ValueTask DisposeAsync() => Node is null ? ValueTask.CompletedTask : Node.DisposeAsync();

    public string PathOf(string file) => Path.Combine(_folder, file);

    /// <summary>Bytes that no compression makes smaller.</summary>
    public async Task FillAsync(string file, int bytes, CancellationToken cancel)
    {
        var data = new byte[bytes];
        _random.NextBytes(data);
        await File.WriteAllBytesAsync(PathOf(file), data, cancel);
    }

    public TransactionMessage Export(string snapshot, string format, string? from = null) =>
        Node.Message(
            TransactionType.DownloadSnapshot,
            new DownloadSnapshotInput(Node.Filesystem, "101", snapshot, from, format, Key, FileName, DownloadId));

    public TransactionMessage Remove() =>
        Node.Message(TransactionType.RemoveDownload, new RemoveDownloadInput(Node.Filesystem, Key, FileName));

    public async Task<DownloadSnapshotOutput> SucceedAsync(TransactionMessage export, CancellationToken cancel)
    {
        var finished = await Node.RunAsync(export, cancel);
        Assert.Null(finished.Error);
        return finished.Output.Deserialize(NodeJson.Default.DownloadSnapshotOutput)!;
    }

    public async Task<string> FailAsync(TransactionMessage export, CancellationToken cancel)
    {
        var finished = await Node.RunAsync(export, cancel);
        Assert.False(finished.Success);
        Assert.Null(finished.Output);
        return finished.Error!;
    }

    public void AssertNothingLeft() => Assert.Empty(Directory.EnumerateFileSystemEntries(Area));

    /// <summary>What a reader sees of the file at this moment. FUSE may tell of a length before the bytes can be read.</summary>
    public async Task<byte[]> ReadStartAsync(CancellationToken cancel)
    {
        await using var file = new FileStream(FilePath, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        var bytes = new byte[file.Length];
        return bytes[..await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancel)];
    }

    public async Task ReceiveAsync(string dataset, CancellationToken cancel)
    {
        await using var receive = await Node.Zfs.StartReceiveAsync($"{Node.Filesystem}/{dataset}", new ReceiveOptions(), cancel);
        await using (var file = File.OpenRead(FilePath))
        await using (var gunzip = new GZipStream(file, CompressionMode.Decompress))
            await gunzip.CopyToAsync(receive.StandardInput, cancel);
        await receive.StandardInput.DisposeAsync();
        var result = await receive.Completion.WaitAsync(cancel);
        Assert.Equal((0, ""), (result.ExitCode, result.StandardError));
    }

    /// <summary>Ids of running programs that name this node's pool filesystem, or its folder, in their arguments.</summary>
    public IReadOnlyList<int> Processes(string program) =>
        [.. Directory.EnumerateDirectories("/proc")
            .Select(static folder => Path.GetFileName(folder))
            .Where(static name => name.All(char.IsAsciiDigit))
            .Where(id => Arguments(id) is [var first, ..] arguments
                && Path.GetFileName(first) == program && arguments.Any(NamesNode))
            .Select(int.Parse)];

    private bool NamesNode(string argument) =>
        argument.StartsWith($"{Node.Filesystem}/", StringComparison.Ordinal) || argument.StartsWith($"{Node.Folder}/", StringComparison.Ordinal);

    private static string[] Arguments(string id)
    {
        try
        {
            return File.ReadAllText($"/proc/{id}/cmdline").Split('\0');
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // It has just ended.
            return [];
        }
    }
}
