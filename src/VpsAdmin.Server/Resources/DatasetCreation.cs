using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Downloads;
using VpsAdmin.Zfs;

namespace VpsAdmin.Server.Resources;

/// <summary>What every new dataset goes through, a VPS's root or another.</summary>
internal static partial class DatasetCreation
{
    /// <summary>The pool that new datasets go to.</summary>
    /// <param name="nodeId">Null: the cluster's first.</param>
    /// <param name="parameter">Of the action that names the node.</param>
    /// <exception cref="ActionRefusedException">The node has no pool for datasets.</exception>
    public static async Task<Pool> PoolAsync(VpsAdminDb db, long? nodeId, CancellationToken cancel, string parameter = "node") =>
        await db.Pools.Include(static p => p.Node).ThenInclude(static n => n.Location).ThenInclude(static l => l!.Environment).Where(p => p.Role != PoolRole.Backup && (nodeId == null || p.NodeId == nodeId)).OrderBy(static p => p.Id)
            .FirstOrDefaultAsync(cancel).ConfigureAwait(false) ?? throw ActionRefusedException.Invalid(parameter, "has no pool for datasets");

    /// <exception cref="ActionRefusedException">The name of a dataset below <paramref name="parent"/> cannot be this.</exception>
    public static string FullName(Dataset? parent, string name)
    {
        if (!NamePattern().IsMatch(name) || name.Contains("..", StringComparison.Ordinal))
            throw ActionRefusedException.Invalid("name", $"'{name}' is not a valid name");
        if (name is "private" or "vpsadmin" || name.StartsWith("branch-", StringComparison.Ordinal) || name.StartsWith("tree.", StringComparison.Ordinal))
            throw ActionRefusedException.Invalid("name", $"'{name}' is a reserved name");
        if (parent is null && name.All(char.IsAsciiDigit))
            throw ActionRefusedException.Invalid("name", $"'{name}' is a reserved name: VPSes have such");
        return parent is null ? name : $"{parent.FullName}/{name}";
    }

    /// <summary>Saves the rows of a new dataset and appends the work of making it.</summary>
    /// <exception cref="ActionRefusedException">It is there already, or its name is too long for the pool.</exception>
    public static async Task<PlannedTransaction> AppendAsync(
        VpsAdminDb db, ChainBuilder chain, Pool pool, Dataset dataset, long? quotaMiB, CancellationToken cancel)
    {
        var filesystem = $"{pool.Filesystem}/{dataset.FullName}";
        if (dataset.FullName.Length > DownloadFile.LongestDataset || $"{filesystem}@yyyy-MM-ddTHH:mm:ss".Length > ZfsName.MaxLength)
            throw ActionRefusedException.Invalid("name", $"'{dataset.FullName}' is too long");
        if (await db.Datasets.AnyAsync(d => d.FullName == dataset.FullName, cancel).ConfigureAwait(false))
            throw ActionRefusedException.Invalid("name", $"dataset '{dataset.FullName}' already exists");

        var inPool = new DatasetInPool { Dataset = dataset, Pool = pool };
        db.DatasetInPools.Add(inPool);
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        await chain.LockAsync<DatasetInPool>(inPool.Id, cancel).ConfigureAwait(false);

        var input = new CreateDatasetInput(pool.Filesystem, dataset.FullName, quotaMiB * Mebibytes.Bytes);
        return chain.Append(pool.NodeId, TransactionType.CreateDataset, JsonSerializer.SerializeToNode(input, NodeJson.Default.CreateDatasetInput)!)
            .Create(dataset).Create(inPool);
    }

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z0-9_\-:\.]{0,254}\z")]
    private static partial Regex NamePattern();
}
