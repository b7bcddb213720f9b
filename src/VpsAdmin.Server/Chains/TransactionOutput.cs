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
                if (!Read(JsonNode.Parse(transaction.Input), NodeJson.Default.CreateSnapshotsInput).Datasets.ToHashSet().SetEquals(group.Snapshots.Select(static s => s.Dataset)))
                    throw new JsonException("the snapshots are not of the datasets that were asked for.");
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

    /// <summary>The rows are those that the transaction creates.</summary>
    private static async Task SaveGroupAsync(VpsAdminDb db, Transaction transaction, CreateSnapshotsOutput group, CancellationToken cancel)
    {
        var ids = transaction.Confirmations.Where(static c => c.Entity == nameof(Snapshot)).Select(static c => c.RowId).ToList();
        var created = group.Snapshots.ToDictionary(static s => s.Dataset, static s => s.CreatedAt);
        foreach (var snapshot in await db.Snapshots.Include(static s => s.Dataset).Where(s => ids.Contains(s.Id)).ToListAsync(cancel).ConfigureAwait(false))
            (snapshot.Name, snapshot.CreatedAt) = (group.Name, created[snapshot.Dataset.FullName]);
    }

    private static T Read<T>(JsonNode? output, JsonTypeInfo<T> type) where T : class =>
        output.Deserialize(type) ?? throw new JsonException("it is empty.");
}
