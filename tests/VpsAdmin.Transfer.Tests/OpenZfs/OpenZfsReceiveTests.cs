using VpsAdmin.Lab;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Transfer.Tests.OpenZfs;

/// <summary>What an aborted receive leaves behind on OpenZFS, which keeps a partial receive for later where it is told to.</summary>
public sealed class OpenZfsReceiveTests(OpenZfsFixture fixture) : IClassFixture<OpenZfsFixture>
{
    private const string From = $"{OpenZfsGuest.Tank}/from";

    private readonly ZfsHost _zfs = new(fixture.Guest.Options);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_aborted_receive_leaves_the_target_as_it_was(bool resumable)
    {
        Assert.SkipUnless(fixture.Guest.Available, fixture.Guest.Reason ?? "");
        await CreateSourceAsync();
        var to = $"{OpenZfsGuest.Back}/{(resumable ? "resumable" : "plain")}";
        var options = new ReceiveOptions(Resumable: resumable);

        var full = await SendAsync("s1", null);
        await AbortInTheMiddleAsync(to, full, options);
        Assert.False(await _zfs.ExistsAsync(to, Cancel));
        await ReceiveAsync(to, full, options);
        var before = await SnapshotsAsync(to);
        Assert.Single(before);

        // Of a stream of several snapshots, those that were complete are committed by then.
        var increment = await SendAsync("s3", "s1");
        await AbortInTheMiddleAsync(to, increment, options);
        Assert.Equal(before, await SnapshotsAsync(to));
        Assert.Equal("-\n", await fixture.Guest.RunAsync(["zfs", "get", "-Hp", "-o", "value", "receive_resume_token", to], Cancel));
        await ReceiveAsync(to, increment, options with { Resumable = false });
        Assert.Equal(await SnapshotsAsync(From), await SnapshotsAsync(to));
    }

    [Fact]
    public async Task A_partial_receive_of_the_same_stream_is_dropped_and_one_of_another_is_named_and_kept()
    {
        Assert.SkipUnless(fixture.Guest.Available, fixture.Guest.Reason ?? "");
        await CreateSourceAsync();
        var to = $"{OpenZfsGuest.Back}/partial";
        var full = await SendAsync("s1", null);
        var another = await SendAsync("s2", null);
        await KillInTheMiddleAsync(to, another);
        var token = await _zfs.GetResumeTokenAsync(to, Cancel);
        Assert.NotNull(token);

        await using (var target = new ReceiveTarget(_zfs, to, new ReceiveOptions()))
        {
            var error = await Assert.ThrowsAsync<TransferException>(() => target.OpenAsync(Begun(full), Cancel));
            Assert.Equal(TransferFailure.TargetConflict, error.Failure);
            Assert.Contains($"partial receive of another stream, '{From}@s2'", error.Message, StringComparison.Ordinal);
            Assert.Contains($"zfs receive -A {to}", error.Message, StringComparison.Ordinal);
            await target.AbortAsync();
        }
        Assert.Equal(token, await _zfs.GetResumeTokenAsync(to, Cancel));

        await using (var target = new ReceiveTarget(_zfs, to, new ReceiveOptions()))
        {
            await target.OpenAsync(Begun(another), Cancel);
            await target.WriteAsync(another, Cancel);
            await target.CompleteAsync(Cancel);
        }
        Assert.Equal(["s2"], (await SnapshotsAsync(to)).Select(static s => s.Item1));
    }

    private static IReadOnlyList<ReplaySubstream> Begun(byte[] stream)
    {
        var walk = new ReplayStream();
        walk.Read(stream.AsSpan(0, 1000));
        return walk.Substreams;
    }

    private async Task KillInTheMiddleAsync(string to, byte[] stream)
    {
        await using var receive = await _zfs.StartReceiveAsync(to, new ReceiveOptions(Resumable: true), Cancel);
        await receive.StandardInput.WriteAsync(stream.AsMemory(0, stream.Length - 1_000_000), Cancel);
        await receive.KillAsync();
    }

    private async Task CreateSourceAsync()
    {
        if (await _zfs.ExistsAsync(From, Cancel))
            return;
        await _zfs.CreateFilesystemAsync(From, null, Cancel);
        foreach (var name in (string[])["s1", "s2", "s3"])
        {
            await fixture.Guest.RunAsync(["sh", "-c", "head -c 8000000 /dev/urandom >\"$1\"", "sh", $"/{From}/{name}"], Cancel);
            await _zfs.SnapshotAsync(new SnapshotName(From, name), Cancel);
        }
    }

    private async Task<byte[]> SendAsync(string snapshot, string? from)
    {
        await using var send = await _zfs.StartSendAsync(new SnapshotName(From, snapshot), from, Cancel);
        using var stream = new MemoryStream();
        await send.StandardOutput.CopyToAsync(stream, Cancel);
        Assert.Equal(0, (await send.Completion).ExitCode);
        return stream.ToArray();
    }

    private async Task AbortInTheMiddleAsync(string to, byte[] stream, ReceiveOptions options)
    {
        await using var target = new ReceiveTarget(_zfs, to, options);
        await target.OpenAsync(Cancel);
        // The pipes and ssh hold less than what is between this and the first snapshot's end.
        await target.WriteAsync(stream.AsMemory(0, stream.Length - 1_000_000), Cancel);
        var walk = new ReplayStream();
        walk.Read(stream.AsSpan(0, stream.Length - 1_000_000));
        await target.AbortAsync(null, walk.EndedBefore(walk.Position));
    }

    private async Task ReceiveAsync(string to, byte[] stream, ReceiveOptions options)
    {
        await using var target = new ReceiveTarget(_zfs, to, options);
        await target.OpenAsync(Cancel);
        await target.WriteAsync(stream, Cancel);
        await target.CompleteAsync(Cancel);
    }

    private async Task<IReadOnlyList<(string, ulong)>> SnapshotsAsync(string dataset) =>
        [.. (await _zfs.ListSnapshotsAsync(dataset, 0, Cancel)).Select(static s => (s.Name.Name, s.Guid))];
}
