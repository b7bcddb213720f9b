using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Node.Exports;

/// <summary>
/// <c>zfs send</c> of a snapshot, full or with everything since an older one (<c>-I</c>); without properties, as vpsAdmin has always
/// exported.
/// </summary>
internal sealed class StreamSource : ISnapshotSource
{
    private readonly OwnedProcess _send;
    private readonly ZfsSnapshot _snapshot;
    private readonly ReplayStream _stream = new();
    private ReplayException? _fault;

    private StreamSource(OwnedProcess send, ZfsSnapshot snapshot)
    {
        _send = send;
        _snapshot = snapshot;
    }

    public static async Task<StreamSource> StartAsync(ZfsHost zfs, ZfsSnapshot snapshot, string? fromSnapshot, CancellationToken cancel) =>
        new(await zfs.StartSendAsync(snapshot.Name, fromSnapshot, cancel).ConfigureAwait(false), snapshot);

    /// <summary>The stream of this snapshot alone, full or since an older one (<c>-i</c>).</summary>
    public static async Task<StreamSource> StartOneAsync(ZfsHost zfs, ZfsSnapshot snapshot, string? fromSnapshot, CancellationToken cancel) =>
        new(await zfs.StartSendOneAsync(snapshot.Name, fromSnapshot, cancel).ConfigureAwait(false), snapshot);

    public Stream Output => _send.StandardOutput;

    public void Observe(ReadOnlySpan<byte> bytes)
    {
        if (_fault is not null)
            return;
        try
        {
            _stream.Read(bytes);
        }
        catch (ReplayException e)
        {
            // What the child itself has to say of it is more telling, and comes at the end.
            _fault = e;
        }
    }

    public async Task VerifyAsync(CancellationToken cancel)
    {
        var result = await _send.Completion.WaitAsync(cancel).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw ZfsException.From(_send.Command, result);
        // A send without -v has nothing to say when all is well; "WARNING: could not send ..." was not always an exit status.
        var complaint = result.StandardError.Split('\n').FirstOrDefault(IsComplaint);
        if ((complaint ?? Objection()) is { } objection)
            throw new TransactionException($"'{string.Join(' ', _send.Command)}' succeeded, but its stream is not complete: {objection}");
    }

    public ValueTask DisposeAsync() => _send.DisposeAsync();

    private string? Objection()
    {
        if (_fault is not null)
            return _fault.Message;
        if (!_stream.IsComplete)
            return $"the end record of the snapshot is missing at byte {_stream.Position}.";
        return _stream.Substreams.Any(s => s.ToGuid == _snapshot.Guid) ? null : "it is of another snapshot.";
    }

    /// <summary>sudo grumbles about the host's name and sends all the same.</summary>
    private static bool IsComplaint(string line) => !string.IsNullOrWhiteSpace(line) && !line.StartsWith("sudo: ", StringComparison.Ordinal);
}
