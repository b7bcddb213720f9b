using VpsAdmin.Node.Handlers;
using VpsAdmin.Node.Handlers.Vpses;
using VpsAdmin.Node.Tests.Streams;
using VpsAdmin.Node.Tests.Vpses;

namespace VpsAdmin.Node.Tests.Redelivery;

/// <summary>A row of the table: a handler, and one transaction for it on a pool where that transaction has something to do.</summary>
/// <param name="Name">For the test's name.</param>
/// <param name="IsReversible">Undoing brings back what was; else it tells that it cannot, once something is lost.</param>
/// <param name="PrepareAsync">Makes what the transaction finds.</param>
internal sealed record HandlerCase(
    Type Handler, string Name, bool IsReversible, Func<RedeliveryBench, CancellationToken, Task<TransactionMessage>> PrepareAsync)
{
    /// <summary>
    /// Datasets, below the pool filesystem, that undoing need not leave as they were: empty ones that the next transfer wants again, and one
    /// that goes with the transaction that made it.
    /// </summary>
    public IReadOnlyList<string> MayRemain { get; init; } = [];

    public static IReadOnlyList<HandlerCase> All { get; } =
    [
        Of<CreateDatasetHandler>("a dataset and its parent", isReversible: true, static (bench, _) =>
            Task.FromResult(bench.Node.Message(TransactionType.CreateDataset, new CreateDatasetInput(bench.Pool, "101/var", Quota: 100 << 20)))),

        Of<DestroyDatasetHandler>("a dataset with snapshots", isReversible: false, static async (bench, cancel) =>
        {
            await bench.SnapshotsAsync("101", cancel, "a", "b");
            return bench.Node.Message(TransactionType.DestroyDataset, new DestroyDatasetInput(bench.Pool, "101"));
        }),

        Of<SetDatasetHandler>("one property set, one inherited", isReversible: true, static async (bench, cancel) =>
        {
            await bench.SnapshotsAsync("101", cancel, "a");
            await bench.Node.Zfs.SetPropertyAsync($"{bench.Pool}/101", "atime", "off", cancel);
            return bench.Node.Message(TransactionType.SetDataset, new SetDatasetInput(
                bench.Pool, "101",
                Values: new Dictionary<string, string?> { ["compression"] = "on", ["atime"] = null, ["quota"] = "104857600" },
                Before: new Dictionary<string, string?> { ["compression"] = null, ["atime"] = "off", ["quota"] = null }));
        }),

        Of<CreateSnapshotHandler>("a snapshot", isReversible: true, static async (bench, cancel) =>
        {
            await bench.SnapshotsAsync("101", cancel, "a");
            return bench.Node.Message(TransactionType.CreateSnapshot, new CreateSnapshotInput(bench.Pool, "101"));
        }),

        Of<CreateSnapshotsHandler>("snapshots of three datasets", isReversible: true, static async (bench, cancel) =>
        {
            foreach (var dataset in new[] { "101", "102", "103" })
                await bench.Node.CreateDatasetAsync(dataset, cancel);
            return bench.Node.Message(TransactionType.CreateSnapshots, new CreateSnapshotsInput(bench.Pool, ["101", "102", "103"]));
        }),

        Of<DestroySnapshotHandler>("a snapshot", isReversible: false, static async (bench, cancel) =>
        {
            await bench.SnapshotsAsync("101", cancel, "a", "b");
            return bench.Node.Message(TransactionType.DestroySnapshot, new DestroySnapshotInput(bench.Pool, "101", "a"));
        }),

        Of<RollbackDatasetHandler>("to a snapshot with newer ones", isReversible: false, static async (bench, cancel) =>
        {
            await bench.SnapshotsAsync("101", cancel, "a", "b", "c");
            return bench.Node.Message(TransactionType.RollbackDataset, new RollbackDatasetInput(bench.Pool, "101", "a", ["b", "c"]));
        }),

        Of<RollbackDatasetHandler>("to the newest snapshot", isReversible: false, static async (bench, cancel) =>
        {
            await bench.SnapshotsAsync("101", cancel, "a");
            await File.WriteAllTextAsync(Path.Combine(bench.Node.Folder, "101", "data"), "written since", cancel);
            return bench.Node.Message(TransactionType.RollbackDataset, new RollbackDatasetInput(bench.Pool, "101", "a", []));
        }),

        Of<DownloadSnapshotHandler>("an incremental stream", isReversible: true, static async (bench, cancel) =>
        {
            await DownloadArea.PrepareAsync(bench.Node.Zfs, bench.Pool, cancel);
            return await DownloadAsync(bench, "incremental_stream", "a", cancel);
        }),
        Of<DownloadSnapshotHandler>("an archive", isReversible: true, static (bench, cancel) => DownloadAsync(bench, "archive", from: null, cancel)),

        Of<RemoveDownloadHandler>("a download", isReversible: false, static async (bench, cancel) =>
        {
            var download = await DownloadAsync(bench, "stream", from: null, cancel);
            Assert.Null((await bench.Node.RunAsync(download, cancel)).Error);
            return RemoveDownload(bench);
        }),

        // A node that dies between file and folder leaves this.
        Of<RemoveDownloadHandler>("a folder that lost its file", isReversible: false, static async (bench, cancel) =>
        {
            Directory.CreateDirectory(Path.Combine(await DownloadArea.PrepareAsync(bench.Node.Zfs, bench.Pool, cancel), DownloadBench.SecretKey));
            return RemoveDownload(bench);
        }) with { IsLostBefore = true },

        Of<LocalSendHandler>("a first transfer", isReversible: true, static async (bench, cancel) =>
        {
            await bench.SnapshotsAsync("101", cancel, "a", "b", "c");
            return bench.Node.Message(TransactionType.LocalSend, Transfer(bench, from: null, "a", "b", "c"));
        }) with { MayRemain = ["backup/101", "backup/101/tree.0"] },

        Of<LocalSendHandler>("an increment", isReversible: true, static async (bench, cancel) =>
        {
            await BackedUpAsync(bench, cancel, "a");
            return bench.Node.Message(TransactionType.LocalSend, Transfer(bench, "a", "b", "c"));
        }),

        Of<BranchDatasetHandler>("a branch", isReversible: true, static async (bench, cancel) =>
        {
            await BackedUpAsync(bench, cancel, "a", "b", "c");
            return bench.Node.Message(TransactionType.BranchDataset, new BranchDatasetInput(bench.Backup, "101/tree.0", "branch-a.0", "branch-b.0", "b"));
        }),

        Of<PrepareRollbackHandler>("a snapshot from a backup", isReversible: true, static async (bench, cancel) =>
        {
            await BackedUpAsync(bench, cancel, "a", "b", "c");
            return bench.Node.Message(TransactionType.PrepareRollback, Restored(bench));
        }),

        Of<ApplyRollbackHandler>("with a dataset below and settings", isReversible: false, static async (bench, cancel) =>
        {
            await BackedUpAsync(bench, cancel, "a", "b", "c");
            await bench.SnapshotsAsync("101/var", cancel, "below");
            await bench.Node.Zfs.SetPropertyAsync($"{bench.Pool}/101", "quota", "104857600", cancel);
            await bench.DoAsync(TransactionType.PrepareRollback, Restored(bench), cancel);
            return bench.Node.Message(TransactionType.ApplyRollback, new ApplyRollbackInput(bench.Pool, "101", 7, "b", ["a", "b", "c"]));
        }) with { MayRemain = ["vpsadmin/rollback/7"] },
    ];

    /// <summary>Handlers that need more than a pool, another node or LXC, with the tests of their work that comes again, is undone or broken off.</summary>
    public static IReadOnlyDictionary<Type, string[]> Elsewhere { get; } = new Dictionary<Type, string[]>
    {
        [typeof(ReceiveSnapshotsHandler)] = Transferred,
        [typeof(SendSnapshotsHandler)] = Transferred,
        [typeof(CheckReceivedHandler)] = Transferred,
        [typeof(InstallVpsHandler)] = [nameof(VpsRedeliveryTests.A_system_is_made_once_and_unmade_once), nameof(VpsRedeliveryTests.A_replaced_system_comes_back_once)],
        [typeof(ConfigureVpsHandler)] = [nameof(VpsRedeliveryTests.A_vps_is_set_up_once_and_forgotten_once), nameof(VpsRedeliveryTests.Settings_change_once_and_come_back_once)],
        [typeof(RunVpsHandler)] =
        [
            nameof(VpsLifecycleTests.Work_that_comes_twice_is_done_once_and_undone_to_what_was_before), nameof(VpsLifecycleTests.Undoing_what_never_began_changes_nothing),
            nameof(VpsLifecycleTests.A_node_that_starts_anew_finds_what_runs),
        ],
        [typeof(DestroyVpsHandler)] = [nameof(VpsRedeliveryTests.A_vps_that_is_forgotten_does_not_come_back_and_one_that_is_not_stays)],
    };

    /// <summary>Done again it is made anew, and zfs and tar need not write the same bytes.</summary>
    public bool IsMadeAnew => Handler == typeof(DownloadSnapshotHandler);

    /// <summary>Undoing finds it lost also where it was never begun.</summary>
    public bool IsLostBefore { get; init; }

    public override string ToString() => $"{Handler.Name}: {Name}";

    private static string[] Transferred =>
    [
        nameof(TransferTests.Each_part_can_be_delivered_again), nameof(TransferFailureTests.A_receiving_node_that_is_started_again_in_the_middle_is_found_by_the_sender),
        nameof(TransferFailureTests.A_sending_node_that_is_started_again_in_the_middle_goes_on), nameof(TransferFailureTests.One_that_is_called_off_in_the_middle_leaves_what_was_there_before),
    ];

    private static HandlerCase Of<THandler>(
        string name, bool isReversible, Func<RedeliveryBench, CancellationToken, Task<TransactionMessage>> prepare)
        where THandler : ITransactionHandler => new(typeof(THandler), name, isReversible, prepare);

    private static async Task<TransactionMessage> DownloadAsync(RedeliveryBench bench, string format, string? from, CancellationToken cancel)
    {
        await bench.SnapshotsAsync("101", cancel, "a", "b");
        return bench.Node.Message(
            TransactionType.DownloadSnapshot,
            new DownloadSnapshotInput(bench.Pool, "101", "b", from, format, DownloadBench.SecretKey, "101__b.gz", DownloadBench.DownloadId));
    }

    private static TransactionMessage RemoveDownload(RedeliveryBench bench) => bench.Node.Message(
        TransactionType.RemoveDownload, new RemoveDownloadInput(bench.Pool, DownloadBench.SecretKey, "101__b.gz"));

    private static LocalSendInput Transfer(RedeliveryBench bench, string? from, params string[] snapshots) =>
        new(bench.Pool, "101", bench.Backup, "101/tree.0/branch-a.0", from, snapshots);

    private static PrepareRollbackInput Restored(RedeliveryBench bench) => new(bench.Pool, 7, bench.Backup, "101/tree.0/branch-a.0", "b");

    private static async Task BackedUpAsync(RedeliveryBench bench, CancellationToken cancel, params string[] snapshots)
    {
        await bench.SnapshotsAsync("101", cancel, "a", "b", "c");
        await bench.DoAsync(TransactionType.LocalSend, Transfer(bench, from: null, snapshots), cancel);
    }
}
