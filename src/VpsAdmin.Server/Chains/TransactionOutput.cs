using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>Results of nodes. They are saved together with the transaction, before the chain ends (spec 2.8).</summary>
internal static class TransactionOutput
{
    /// <summary>A whole part of a pool may be away; the output names all of it.</summary>
    private const int MostNamed = 20;

    /// <exception cref="JsonException">The output is not what the transaction has to give.</exception>
    public static void Check(Transaction transaction, JsonNode? output)
    {
        switch (transaction.Type)
        {
            case TransactionType.CreateSnapshot:
                if (!Zfs.ZfsName.IsSnapshot(Read(output, NodeJson.Default.CreateSnapshotOutput).Name))
                    throw new JsonException("the snapshot's name is not valid.");
                break;
            case TransactionType.CreateSnapshots:
                var group = Read(output, NodeJson.Default.CreateSnapshotsOutput);
                if (!Zfs.ZfsName.IsSnapshot(group.Name))
                    throw new JsonException("the snapshots' name is not valid.");
                CheckDatasets(Read(JsonNode.Parse(transaction.Input), NodeJson.Default.CreateSnapshotsInput), group);
                break;
            case TransactionType.DownloadSnapshot:
                var export = Read(output, NodeJson.Default.DownloadSnapshotOutput);
                if (export.Bytes < 0 || export.Sha256 is not { Length: 64 } sum || !sum.All(char.IsAsciiHexDigitLower))
                    throw new JsonException("the export's size or checksum is not valid.");
                break;
            case TransactionType.SendSnapshots:
                if (Read(output, NodeJson.Default.SendSnapshotsOutput).Bytes < 0)
                    throw new JsonException("the number of bytes sent is not valid.");
                break;
        }
    }

    private static void CheckDatasets(CreateSnapshotsInput asked, CreateSnapshotsOutput group)
    {
        List<string> answered = [.. group.Snapshots.Select(static s => s.Dataset), .. group.Missing ?? []];
        if (answered.Count != asked.Datasets.Count || !answered.ToHashSet().SetEquals(asked.Datasets) || group.Missing is { Count: > 0 } && !asked.LeaveOutMissing)
            throw new JsonException("the snapshots are not of the datasets that were asked for.");
    }

    /// <summary>What went well and has to be looked at all the same; null: nothing.</summary>
    public static string? Warning(Transaction transaction, JsonNode? output) =>
        transaction.Type is TransactionType.CreateSnapshots && Read(output, NodeJson.Default.CreateSnapshotsOutput).Missing is { Count: > 0 } missing
            ? $"The pool has not got {string.Join(", ", missing.Take(MostNamed))}{(missing.Count > MostNamed ? $" and {missing.Count - MostNamed} others" : "")}: no snapshot was taken there, and none can be until that is put right."
            : null;

    public static async Task SaveAsync(VpsAdminDb db, Transaction transaction, CancellationToken cancel)
    {
        var output = transaction.Output is null ? null : JsonNode.Parse(transaction.Output);
        switch (transaction.Type)
        {
            case TransactionType.CreateSnapshot:
                var taken = Read(output, NodeJson.Default.CreateSnapshotOutput);
                var snapshot = await db.Snapshots.SingleAsync(s => s.Id == transaction.SubjectId, cancel).ConfigureAwait(false);
                (snapshot.Name, snapshot.CreatedAt) = (taken.Name, taken.CreatedAt);
                break;
            case TransactionType.CreateSnapshots:
                await SaveGroupAsync(db, transaction, Read(output, NodeJson.Default.CreateSnapshotsOutput), cancel).ConfigureAwait(false);
                break;
            case TransactionType.DownloadSnapshot:
                var export = Read(output, NodeJson.Default.DownloadSnapshotOutput);
                var download = await db.SnapshotDownloads.SingleAsync(d => d.Id == transaction.SubjectId, cancel).ConfigureAwait(false);
                (download.Size, download.Sha256Sum) = (Mebibytes.Floor(export.Bytes), export.Sha256);
                break;
            case TransactionType.SendSnapshots:
                transaction.SentBytes = Read(output, NodeJson.Default.SendSnapshotsOutput).Bytes;
                break;
        }
    }

    /// <summary>The rows are those that the transaction creates. Those of what was left out go at once: at the chain's end there is nothing of them to be confirmed.</summary>
    private static async Task SaveGroupAsync(VpsAdminDb db, Transaction transaction, CreateSnapshotsOutput group, CancellationToken cancel)
    {
        var ids = transaction.Confirmations.Where(static c => c.Entity == nameof(Snapshot)).Select(static c => c.RowId).ToList();
        var created = group.Snapshots.ToDictionary(static s => s.Dataset, static s => s.CreatedAt);
        foreach (var snapshot in await db.Snapshots.Include(static s => s.Dataset).Include(static s => s.InPools).Where(s => ids.Contains(s.Id)).ToListAsync(cancel).ConfigureAwait(false))
        {
            if (created.TryGetValue(snapshot.Dataset.FullName, out var at))
            {
                (snapshot.Name, snapshot.CreatedAt) = (group.Name, at);
                continue;
            }
            db.RemoveRange(snapshot.InPools);
            db.Remove(snapshot);
        }
    }

    private static T Read<T>(JsonNode? output, JsonTypeInfo<T> type) where T : class =>
        output.Deserialize(type) ?? throw new JsonException("it is empty.");
}
