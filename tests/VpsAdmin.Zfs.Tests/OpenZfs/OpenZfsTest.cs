using System.Globalization;
using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Zfs.Tests.OpenZfs;

/// <summary>A test with a filesystem of its own in each pool of the guest; skipped where there is no guest.</summary>
public abstract class OpenZfsTest(OpenZfsFixture fixture) : IAsyncLifetime
{
    private static int _tests;

    private readonly string _own = string.Create(CultureInfo.InvariantCulture, $"t{Interlocked.Increment(ref _tests)}");

    protected ZfsHost Zfs { get; } = new(fixture.Guest.Options);

    protected OpenZfsGuest Guest => fixture.Guest;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Where streams come from.</summary>
    protected string Tank(string path) => $"{OpenZfsGuest.Tank}/{_own}/{path}";

    /// <summary>Where streams go to.</summary>
    protected string Back(string path) => $"{OpenZfsGuest.Back}/{_own}/{path}";

    public async ValueTask InitializeAsync()
    {
        Assert.SkipUnless(Guest.Available, Guest.Reason ?? "");
        await Zfs.CreateFilesystemAsync($"{OpenZfsGuest.Tank}/{_own}", null, Cancel);
        await Zfs.CreateFilesystemAsync($"{OpenZfsGuest.Back}/{_own}", null, Cancel);
    }

    public ValueTask DisposeAsync()
    {
        // The pools go with the guest, whatever state a test leaves its filesystems in.
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    protected Task<string> RunZfsAsync(params string[] arguments) => Guest.RunAsync(["zfs", .. arguments], Cancel);

    protected async Task<string> GetAsync(string dataset, string property) =>
        (await RunZfsAsync("get", "-Hp", "-o", "value", property, dataset)).TrimEnd('\n');

    protected Task CreateAsync(string dataset) => Zfs.CreateFilesystemAsync(dataset, null, Cancel);

    /// <summary>Writes a file of that many random bytes, then makes the snapshot of the file's name.</summary>
    protected async Task SnapshotAsync(string dataset, string name, int bytes)
    {
        await WriteAsync(dataset, name, bytes);
        await Zfs.SnapshotAsync(new SnapshotName(dataset, name), Cancel);
    }

    protected Task WriteAsync(string dataset, string file, int bytes) =>
        Guest.RunAsync(["sh", "-c", "head -c \"$1\" /dev/urandom >\"$2\"", "sh", bytes.ToString(CultureInfo.InvariantCulture), $"/{dataset}/{file}"], Cancel);

    protected async Task<IReadOnlyList<(string, ulong)>> GuidsAsync(string dataset) =>
        [.. (await Zfs.ListSnapshotsAsync(dataset, 0, Cancel)).Select(static s => (s.Name.Name, s.Guid))];

    protected async Task<byte[]> SendAsync(string dataset, string snapshot, string? from = null)
    {
        await using var send = await Zfs.StartSendAsync(new SnapshotName(dataset, snapshot), from, Cancel);
        using var stream = new MemoryStream();
        await send.StandardOutput.CopyToAsync(stream, Cancel);
        var result = await send.Completion;
        return result.ExitCode == 0 ? stream.ToArray() : throw ZfsException.From(send.Command, result);
    }

    /// <summary>Receives to the end of the stream, as whoever feeds a receive does: its own words are the reason of a broken pipe.</summary>
    protected async Task ReceiveAsync(string target, ReadOnlyMemory<byte> stream, ReceiveOptions? options = null)
    {
        await using var receive = await Zfs.StartReceiveAsync(target, options ?? new(), Cancel);
        try
        {
            await receive.StandardInput.WriteAsync(stream, Cancel);
            await receive.StandardInput.DisposeAsync();
        }
        catch (IOException)
        {
            // It has ended before the stream.
        }
        var result = await receive.Completion;
        if (result.ExitCode != 0)
            throw ZfsException.From(receive.Command, result);
    }

    protected static async Task<ZfsException> FailsAsync(ZfsFailure failure, Func<Task> action)
    {
        var error = await Assert.ThrowsAsync<ZfsException>(action);
        Assert.True(error.Failure == failure, $"{error.Failure} instead of {failure}: {error.Message}");
        return error;
    }
}
