using System.Diagnostics;
using System.Globalization;
using VpsAdmin.Backup;
using VpsAdmin.Client;
using VpsAdmin.FaultServer;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.Benchmarks;

/// <summary>A backup with nothing to do, from the first question to the last, beside what somebody would ask <c>zfs</c> by hand to see that.</summary>
internal static class IdleBackups
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <param name="pool">An empty pool filesystem; what is made below it stays.</param>
    public static async Task RunAsync(int count, int rounds, string pool, CancellationToken cancel)
    {
        var filesystem = $"{pool}/idle{count}";
        var server = await FaultyVpsAdmin.StartAsync(cancel).ConfigureAwait(false);
        await using var _ = server.ConfigureAwait(false);
        var zfs = new ZfsHost();
        await zfs.CreateFilesystemAsync(filesystem, null, cancel).ConfigureAwait(false);
        await zfs.SetPropertyAsync(filesystem, BackupRunner.DatasetIdProperty, ApiFront.DatasetId.ToString(CultureInfo.InvariantCulture), cancel).ConfigureAwait(false);
        await zfs.CreateFilesystemAsync($"{filesystem}/0", null, cancel).ConfigureAwait(false);
        for (var number = 0; number < count; number++)
        {
            var name = Start.AddHours(number).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture);
            await zfs.SnapshotAsync(new SnapshotName($"{filesystem}/0", name), cancel).ConfigureAwait(false);
            server.Api.AddSnapshot(name);
        }

        using var http = new HttpClient();
        using var api = await HaveApiClient.ConnectAsync(server.Address, new NoAuthentication(), null, null, cancel).ConfigureAwait(false);
        var runner = new BackupRunner(new VpsAdminClient(api), zfs, new SnapshotTransfer(http, new TransferOptions(), TimeProvider.System), TimeProvider.System);
        // Keeps all that is there.
        var request = new BackupRequest(ApiFront.DatasetId, filesystem, new BackupPlanOptions(), new RotationPolicy(MinSnapshots: count, MaxSnapshots: count + 1), new TransferOptions());

        List<double> byHand = [], ours = [];
        for (var round = 0; round <= rounds; round++)
        {
            var (hand, run) = (await ByHandAsync(filesystem, cancel).ConfigureAwait(false), await BackUpAsync(runner, request, cancel).ConfigureAwait(false));
            // The first one compiles, and holds the base.
            if (round == 0)
                continue;
            byHand.Add(hand);
            ours.Add(run);
        }
        Console.WriteLine($"### A backup with nothing to do, {count:N0} local snapshots: milliseconds, median of {rounds} (least to most)\n\n| | |\n|---|---|");
        Print("`zfs list`, `zfs list -t snapshot`, `zfs get`", byHand);
        Print("the backup, the server's list of as many snapshots included", ours);
        Console.WriteLine();
    }

    private static async Task<double> ByHandAsync(string filesystem, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        const string Script = "zfs list -H -r -d 1 -o name,origin \"$1\" && zfs list -H -r -d 2 -t snapshot -o name,creation,userrefs \"$1\" && zfs get -H -o value " + BackupRunner.DatasetIdProperty + " \"$1\"";
        using var process = Process.Start(new ProcessStartInfo("sh", ["-c", Script, "sh", filesystem]) { RedirectStandardOutput = true })!;
        await process.StandardOutput.ReadToEndAsync(cancel).ConfigureAwait(false);
        await process.WaitForExitAsync(cancel).ConfigureAwait(false);
        return process.ExitCode == 0 ? clock.Elapsed.TotalMilliseconds : throw new InvalidOperationException("zfs failed.");
    }

    private static async Task<double> BackUpAsync(BackupRunner runner, BackupRequest request, CancellationToken cancel)
    {
        var clock = Stopwatch.StartNew();
        var result = await runner.RunAsync(request, progress: null, cancel).ConfigureAwait(false);
        var elapsed = clock.Elapsed.TotalMilliseconds;
        return result.Plan.Outcome == BackupOutcome.UpToDate && result.SnapshotsDestroyed.Count == 0
            ? elapsed : throw new InvalidOperationException($"There was something to do: {result.Plan.Outcome}, {result.SnapshotsDestroyed.Count} destroyed.");
    }

    private static void Print(string name, List<double> milliseconds) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"| {name} | {milliseconds.Order().ElementAt(milliseconds.Count / 2):0} ({milliseconds.Min():0} to {milliseconds.Max():0}) |"));
}
