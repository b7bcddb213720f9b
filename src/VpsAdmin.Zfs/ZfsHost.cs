using System.Collections.Concurrent;
using System.Globalization;
using Polly;
using Polly.Retry;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Zfs;

/// <summary>
/// The <c>zfs</c> of one host. Commands are argument lists; output is parsed from machine-readable forms that both OpenZFS
/// and zfs-fuse have. All methods throw <see cref="ZfsException"/> when the command fails, <see cref="ArgumentException"/> for a name
/// that ZFS cannot have, before anything is started, and <see cref="OperationCanceledException"/> after the child is gone.
/// </summary>
public sealed partial class ZfsHost(ZfsHostOptions? options = null, TimeProvider? time = null)
{
    /// <summary>Far less than a command line holds, and enough that starting the processes is no matter.</summary>
    private const int NamesAtOnce = 500;

    private static readonly ConcurrentDictionary<ZfsHostOptions, ZfsCapabilities> Detected = new();

    private readonly ZfsHostOptions _options = options ?? new();
    private readonly ZfsCommand _zfs = new(options ?? new());
    private readonly ResiliencePipeline _whileBusy = WhileBusy(time ?? TimeProvider.System);

    /// <summary>Detected once for each host and kept for the life of the process.</summary>
    public async Task<ZfsCapabilities> GetCapabilitiesAsync(CancellationToken cancel)
    {
        if (Detected.TryGetValue(_options, out var known))
            return known;
        var capabilities = await ParseAsync(["-?"], ZfsUsage.Parse, cancel).ConfigureAwait(false);
        if (!capabilities.ReceiveUnmounted)
        {
            // zfs-fuse has the option and does not tell. Without a target the command ends before it reads a stream.
            var (_, _, result) = await _zfs.CaptureAsync(["receive", "-u"], cancel).ConfigureAwait(false);
            capabilities = capabilities with { ReceiveUnmounted = !ZfsUsage.Rejects('u', result.StandardError) };
        }
        return Detected.GetOrAdd(_options, capabilities);
    }

    public async Task<bool> ExistsAsync(string datasetOrSnapshot, CancellationToken cancel)
    {
        try
        {
            await _zfs.RunAsync(["get", "-Hp", "-o", "value", "type", ZfsArgument.DatasetOrSnapshot(datasetOrSnapshot)], cancel).ConfigureAwait(false);
            return true;
        }
        catch (ZfsException e) when (e.Failure == ZfsFailure.NotFound)
        {
            return false;
        }
    }

    /// <exception cref="ZfsException"><see cref="ZfsFailure.NotFound"/> when it is not there.</exception>
    public async Task<ZfsDataset> GetFilesystemAsync(string name, CancellationToken cancel)
    {
        string[] command = ["get", "-Hp", "-o", "name,property,value", ZfsOutput.FilesystemProperties, ZfsArgument.Dataset(name)];
        var found = await ParseAsync(command, ZfsOutput.Filesystems, cancel).ConfigureAwait(false);
        return found.Count == 1 ? found[0] : throw NotFound(command, $"'{name}' is not a filesystem.");
    }

    /// <summary><paramref name="root"/> and its filesystems down to <paramref name="depth"/> levels below it (null: all), parents first.</summary>
    public async Task<IReadOnlyList<ZfsDataset>> ListFilesystemsAsync(string root, int? depth, CancellationToken cancel)
    {
        // Names first: "get" of zfs-fuse cannot be kept from reading the snapshots too, of which there may be a hundred thousand.
        var names = await ListFilesystemNamesAsync(root, depth, cancel).ConfigureAwait(false);
        var filesystems = new List<ZfsDataset>();
        foreach (var chunk in names.Chunk(NamesAtOnce))
        {
            string[] command = ["get", "-Hp", "-o", "name,property,value", ZfsOutput.FilesystemProperties, .. chunk];
            filesystems.AddRange(await ParseAsync(command, ZfsOutput.Filesystems, cancel).ConfigureAwait(false));
        }
        return filesystems;
    }

    /// <summary>The same, of which nothing but the names are wanted.</summary>
    public async Task<IReadOnlyList<string>> ListFilesystemNamesAsync(string root, int? depth, CancellationToken cancel) =>
        (await _zfs.RunAsync(["list", "-H", .. Depth(depth), "-t", "filesystem", "-o", "name", ZfsArgument.Dataset(root)], cancel).ConfigureAwait(false))
        .Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>
    /// Snapshots of <paramref name="root"/> and of filesystems down to <paramref name="depth"/> levels below it (0: its own, null: all),
    /// grouped by dataset and, inside each, oldest first.
    /// </summary>
    public Task<IReadOnlyList<ZfsSnapshot>> ListSnapshotsAsync(string root, int? depth, CancellationToken cancel) =>
        // To zfs a snapshot is one level below its dataset.
        ParseAsync(
            ["get", "-Hp", .. Depth(depth + 1), "-o", "name,property,value", ZfsOutput.SnapshotProperties, ZfsArgument.Dataset(root)],
            ZfsOutput.Snapshots, cancel);

    /// <exception cref="ZfsException"><see cref="ZfsFailure.NotFound"/> when it is not there.</exception>
    public async Task<ZfsSnapshot> GetSnapshotAsync(SnapshotName name, CancellationToken cancel)
    {
        string[] command = ["get", "-Hp", "-o", "name,property,value", ZfsOutput.SnapshotProperties, ZfsArgument.Snapshot(name)];
        var found = await ParseAsync(command, ZfsOutput.Snapshots, cancel).ConfigureAwait(false);
        return found.Count == 1 ? found[0] : throw NotFound(command, $"'{name}' is not a snapshot.");
    }

    public Task CreateFilesystemAsync(string name, IReadOnlyDictionary<string, string>? properties, CancellationToken cancel) =>
        _zfs.RunAsync(["create", .. ZfsArgument.Options(properties), ZfsArgument.Dataset(name)], cancel);

    public Task SnapshotAsync(SnapshotName name, CancellationToken cancel) => SnapshotAsync(name, properties: null, cancel);

    /// <summary>The snapshot is born with the properties: there is no moment when it is there without them.</summary>
    public Task SnapshotAsync(SnapshotName name, IReadOnlyDictionary<string, string>? properties, CancellationToken cancel) =>
        _zfs.RunAsync(["snapshot", .. ZfsArgument.Options(properties), ZfsArgument.Snapshot(name)], cancel);

    /// <summary>A snapshot of <paramref name="dataset"/> on which the property was set to the value, never inherited; null when there is none.</summary>
    public async Task<SnapshotName?> FindSnapshotAsync(string dataset, string property, string value, CancellationToken cancel)
    {
        // zfs-fuse cannot be asked for snapshots alone (-t): children and the dataset itself are among the rows.
        var found = await ParseAsync(
            ["get", "-Hp", .. Depth(1), "-s", "local", "-o", "name,value", ZfsArgument.Property(property), ZfsArgument.Dataset(dataset)], ZfsOutput.Pairs, cancel).ConfigureAwait(false);
        foreach (var (name, _) in found.Where(f => f.Value == value))
        {
            if (SnapshotName.TryParse(name, out var snapshot) && snapshot.Dataset == dataset)
                return snapshot;
        }
        return null;
    }

    /// <summary>Destroys one snapshot, or one filesystem that has neither snapshots nor children. A busy dataset is tried again for a few seconds.</summary>
    public Task DestroyAsync(string datasetOrSnapshot, CancellationToken cancel)
    {
        var isSnapshot = SnapshotName.TryParse(datasetOrSnapshot, out var snapshot);
        return RunWhileBusyAsync(
            ["destroy", ZfsArgument.DatasetOrSnapshot(datasetOrSnapshot)],
            async () => isSnapshot && (await GetSnapshotAsync(snapshot, cancel).ConfigureAwait(false)).Holds > 0 ? datasetOrSnapshot : null,
            cancel);
    }

    /// <summary>Destroys a filesystem with its snapshots and children.</summary>
    public Task DestroyRecursivelyAsync(string dataset, CancellationToken cancel) =>
        RunWhileBusyAsync(
            ["destroy", "-r", ZfsArgument.Dataset(dataset)],
            async () => FirstHeld(await ListSnapshotsAsync(dataset, depth: null, cancel).ConfigureAwait(false)),
            cancel);

    /// <summary>Rolls the dataset back to the snapshot, destroying newer ones.</summary>
    /// <remarks>Refused with <see cref="ZfsFailure.InUse"/>, and nothing destroyed, when a newer snapshot is held.</remarks>
    public async Task RollbackAsync(SnapshotName snapshot, CancellationToken cancel)
    {
        string[] command = ["rollback", "-r", ZfsArgument.Snapshot(snapshot)];
        // zfs destroys the newer snapshots one by one and stops at a held one, with the others gone by then.
        var all = await ListSnapshotsAsync(snapshot.Dataset, depth: 0, cancel).ConfigureAwait(false);
        var newer = all.SkipWhile(s => s.Name != snapshot).Skip(1);
        if (FirstHeld(newer) is { } held)
            throw new ZfsException(ZfsFailure.InUse, $"'{snapshot.Dataset}' cannot be rolled back to '@{snapshot.Name}': {Held(held)}", _zfs.Line(command), exitCode: null, standardError: "");
        await RunWhileBusyAsync(command, static () => Task.FromResult<string?>(null), cancel).ConfigureAwait(false);
    }

    /// <summary>Rolls the dataset back to its newest snapshot.</summary>
    /// <remarks>Refused by zfs with <see cref="ZfsFailure.InUse"/> when the snapshot is not the newest (any more).</remarks>
    public Task RollbackToNewestAsync(SnapshotName snapshot, CancellationToken cancel) =>
        RunWhileBusyAsync(["rollback", ZfsArgument.Snapshot(snapshot)], static () => Task.FromResult<string?>(null), cancel);

    public Task CloneAsync(SnapshotName snapshot, string target, IReadOnlyDictionary<string, string>? properties, CancellationToken cancel) =>
        _zfs.RunAsync(["clone", .. ZfsArgument.Options(properties), ZfsArgument.Snapshot(snapshot), ZfsArgument.Dataset(target)], cancel);

    /// <summary>
    /// Bytes that the stream would have, by <c>send -nP</c> where the host can, else from <c>referenced</c> (full) or null (incremental).
    /// An estimate: for progress only.
    /// </summary>
    public async Task<long?> EstimateSendAsync(SnapshotName snapshot, string? fromSnapshot, CancellationToken cancel)
    {
        string[] which = SendArguments(snapshot, fromSnapshot);
        var capabilities = await GetCapabilitiesAsync(cancel).ConfigureAwait(false);
        if (capabilities.SendSizeEstimate)
            return await ParseAsync(["send", "-nP", .. which], ZfsOutput.SendSize, cancel).ConfigureAwait(false);
        return fromSnapshot is null ? (await GetSnapshotAsync(snapshot, cancel).ConfigureAwait(false)).Referenced : null;
    }

    /// <summary>
    /// Starts <c>zfs send</c>: full, or with <paramref name="fromSnapshot"/> (the part behind the <c>@</c>) everything between (<c>-I</c>).
    /// The caller reads <see cref="OwnedProcess.StandardOutput"/> and must check <see cref="OwnedProcess.Completion"/>.
    /// </summary>
    public Task<OwnedProcess> StartSendAsync(SnapshotName snapshot, string? fromSnapshot, CancellationToken cancel) => StartSendAsync(SendArguments(snapshot, fromSnapshot), cancel);

    /// <summary>
    /// The same for a stream of one snapshot: with <paramref name="fromSnapshot"/> what has changed since that one (<c>-i</c>), without the snapshots
    /// between.
    /// </summary>
    public Task<OwnedProcess> StartSendOneAsync(SnapshotName snapshot, string? fromSnapshot, CancellationToken cancel) => StartSendAsync(SendArguments(snapshot, fromSnapshot, "-i"), cancel);

    /// <summary>
    /// Starts <c>zfs receive</c> into <paramref name="target"/>. The caller writes <see cref="OwnedProcess.StandardInput"/>, closes it, and
    /// must check <see cref="OwnedProcess.Completion"/>.
    /// </summary>
    /// <remarks>
    /// A receive that was killed leaves nothing, but on zfs-fuse, where a daemon reads the stream, the partial dataset goes only after the
    /// pipe has been closed, a moment after the exit.
    /// </remarks>
    public async Task<OwnedProcess> StartReceiveAsync(string target, ReceiveOptions receive, CancellationToken cancel)
    {
        ZfsArgument.Dataset(target);
        var can = await GetCapabilitiesAsync(cancel).ConfigureAwait(false);
        string[] flags =
        [
            .. receive.Unmounted && can.ReceiveUnmounted ? ["-u"] : Array.Empty<string>(),
            .. receive.Resumable && can.ReceiveResumable ? ["-s"] : Array.Empty<string>(),
            .. receive.Force ? ["-F"] : Array.Empty<string>(),
        ];
        return _zfs.Start(["receive", .. flags, target], input: true);
    }

    /// <summary>The token of a partial receive that <see cref="ReceiveOptions.Resumable"/> has kept in the dataset; null when there is none.</summary>
    public async Task<string?> GetResumeTokenAsync(string dataset, CancellationToken cancel)
    {
        ZfsArgument.Dataset(dataset);
        if (!(await GetCapabilitiesAsync(cancel).ConfigureAwait(false)).ReceiveResumable)
            return null;
        var output = await _zfs.RunAsync(["get", "-Hp", "-o", "value", "receive_resume_token", dataset], cancel).ConfigureAwait(false);
        var token = output.TrimEnd('\n');
        return token is "-" ? null : token;
    }

    /// <summary>Drops the partial receive that is kept in the dataset; a dataset that is nothing else is gone with it.</summary>
    public Task DropPartialReceiveAsync(string dataset, CancellationToken cancel) =>
        RunWhileBusyAsync(["receive", "-A", ZfsArgument.Dataset(dataset)], static () => Task.FromResult<string?>(null), cancel);

    private Task<OwnedProcess> StartSendAsync(string[] which, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return Task.FromResult(_zfs.Start(["send", .. which], output: true));
    }

    private static string[] SendArguments(SnapshotName snapshot, string? fromSnapshot, string how = "-I") => fromSnapshot is null
        ? [ZfsArgument.Snapshot(snapshot)]
        : [how, ZfsArgument.Snapshot(snapshot with { Name = fromSnapshot }), ZfsArgument.Snapshot(snapshot)];

    private static string[] Depth(int? depth)
    {
        if (depth is null)
            return ["-r"];
        ArgumentOutOfRangeException.ThrowIfNegative(depth.Value, nameof(depth));
        return ["-d", depth.Value.ToString(CultureInfo.InvariantCulture)];
    }

    private static string? FirstHeld(IEnumerable<ZfsSnapshot> snapshots) =>
        snapshots.Where(static s => s.Holds > 0).Select(static s => s.Name.ToString()).FirstOrDefault();

    private static string Held(string snapshot) => $"snapshot '{snapshot}' is held. 'zfs holds {snapshot}' lists the holds, 'zfs release' ends one.";

    private static ResiliencePipeline WhileBusy(TimeProvider time) =>
        new ResiliencePipelineBuilder { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions
            {
                // "Already exists", of a destroy, means the hidden clone of a receive that zfs-fuse has not let go of yet.
                ShouldHandle = new PredicateBuilder().Handle<ZfsException>(static e => e.Failure is ZfsFailure.Busy or ZfsFailure.AlreadyExists),
                // zfs-fuse unmounts asynchronously, and kernels have their moments: 6 seconds in all.
                MaxRetryAttempts = 7,
                Delay = TimeSpan.FromMilliseconds(50),
                BackoffType = DelayBackoffType.Exponential,
            })
            .Build();

    /// <param name="findHeld">A held snapshot that explains why the dataset is busy, if there is one: zfs-fuse says "busy" for both.</param>
    private async Task RunWhileBusyAsync(string[] command, Func<Task<string?>> findHeld, CancellationToken cancel) =>
        await _whileBusy.ExecuteAsync(async token =>
        {
            try
            {
                await _zfs.RunAsync(command, token).ConfigureAwait(false);
            }
            catch (ZfsException e) when (e.Failure == ZfsFailure.Busy)
            {
                if (await findHeld().ConfigureAwait(false) is { } held)
                    throw e.Because(ZfsFailure.InUse, Held(held));
                throw;
            }
        }, cancel).ConfigureAwait(false);

    private async Task<T> ParseAsync<T>(string[] command, Func<string, T> parse, CancellationToken cancel)
    {
        var output = await _zfs.RunAsync(command, cancel).ConfigureAwait(false);
        try
        {
            return parse(output);
        }
        catch (FormatException e)
        {
            throw new ZfsException(ZfsFailure.Other, $"'{string.Join(' ', _zfs.Line(command))}' was not understood: {e.Message}", _zfs.Line(command), 0, "", e);
        }
    }

    private ZfsException NotFound(string[] command, string message) =>
        new(ZfsFailure.NotFound, message, _zfs.Line(command), exitCode: 0, standardError: "");
}
