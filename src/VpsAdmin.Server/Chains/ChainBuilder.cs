using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>
/// Builds one chain inside the database transaction that <see cref="ChainStarter"/> opened: takes locks, appends transactions, notes what
/// is to be confirmed. Rows that it is given have been saved, so that they have ids.
/// </summary>
public sealed class ChainBuilder(VpsAdminDb db, TransactionChain chain, TimeProvider time)
{
    public long ChainId => chain.Id;

    /// <summary>Keeps a row for this chain until it ends.</summary>
    /// <exception cref="ActionRefusedException">Another chain has it: 423. Locks are never waited for.</exception>
    public async Task LockAsync<T>(long rowId, CancellationToken cancel) where T : class
    {
        if (db.ChangeTracker.HasChanges())
            await db.SaveChangesAsync(cancel).ConfigureAwait(false);
        var now = time.GetUtcNow().UtcDateTime;
        // Two that are built at once cannot both have it: whoever comes second waits until the first one is saved, or was taken back.
        while (await db.Database.ExecuteSqlAsync($"""
            INSERT INTO "ResourceLocks" ("ChainId", "Resource", "RowId", "CreatedAt") VALUES ({chain.Id}, {typeof(T).Name}, {rowId}, {now}) ON CONFLICT ("Resource", "RowId") DO NOTHING
            """, cancel).ConfigureAwait(false) == 0)
        {
            var owner = await LockOwner.FindAsync<T>(db, rowId, cancel).ConfigureAwait(false);
            if (owner?.ChainId == chain.Id)
                return;
            if (owner is not null)
                throw ActionRefusedException.Locked(owner.ChainId, owner.Label);
        }
    }

    /// <summary>The same for many rows at once, in a chain that may be about any dataset: nobody else locks any meanwhile.</summary>
    public async Task LockAllAsync<T>(IReadOnlyList<long> rowIds, CancellationToken cancel) where T : class
    {
        var (resource, now) = (typeof(T).Name, time.GetUtcNow());
        var kept = await db.ResourceLocks.Where(l => l.Resource == resource && rowIds.Contains(l.RowId)).Select(static l => new { l.RowId, l.ChainId, l.Chain.Label }).ToListAsync(cancel).ConfigureAwait(false);
        if (kept.Find(l => l.ChainId != chain.Id) is { } owner)
            throw ActionRefusedException.Locked(owner.ChainId, owner.Label);
        db.ResourceLocks.AddRange(rowIds.Except(kept.Select(static l => l.RowId)).Select(id => new ResourceLock { ChainId = chain.Id, Resource = resource, RowId = id, CreatedAt = now }));
        await db.SaveChangesAsync(cancel).ConfigureAwait(false);
    }

    /// <summary>Says what the chain is about, for those who look for it by the object.</summary>
    public void Concern<T>(long rowId, ConcernType type = ConcernType.Affect) where T : class
    {
        chain.ConcernType = type;
        chain.Concerns.Add(new() { Chain = chain, ClassName = typeof(T).Name, RowId = rowId });
    }

    /// <summary>Number of transactions so far.</summary>
    public int Size => chain.Size;

    /// <summary>The work that was appended last, for what is to be confirmed when all of it is done.</summary>
    public PlannedTransaction Last => new(db, chain.Transactions[^1]);

    /// <summary>Appends a piece of work; it begins when the one before it has succeeded.</summary>
    /// <param name="queue">Null: the type's own (spec 2.8).</param>
    /// <param name="subjectId">Row that the output is saved to.</param>
    public PlannedTransaction Append(long nodeId, TransactionType type, JsonNode input, string? queue = null, long? subjectId = null)
    {
        return Append(nodeId, type, input, secret: null, queue, subjectId);
    }

    /// <summary>The same with a part of the input that nobody is shown, and that is forgotten when the chain ends.</summary>
    /// <param name="input">All of it; the secret part is taken out.</param>
    /// <param name="secret">Name of the property.</param>
    /// <param name="queue">Null: the type's own (spec 2.8).</param>
    public PlannedTransaction AppendWithSecret(long nodeId, TransactionType type, JsonObject input, string secret, string? queue = null)
    {
        var hidden = new JsonObject { [secret] = input[secret]!.DeepClone() };
        input.Remove(secret);
        return Append(nodeId, type, input, hidden, queue, subjectId: null);
    }

    private PlannedTransaction Append(long nodeId, TransactionType type, JsonNode input, JsonObject? secret, string? queue, long? subjectId)
    {
        var traits = TransactionTraits.Of(type);
        var transaction = new Transaction
        {
            ChainId = chain.Id,
            Chain = chain,
            Position = chain.Size++,
            NodeId = nodeId,
            Type = type,
            Queue = queue ?? traits.Queue,
            OnFailure = traits.OnFailure,
            Input = input.ToJsonString(),
            Secret = secret?.ToJsonString(),
            SubjectId = subjectId,
        };
        chain.Transactions.Add(transaction);
        return new PlannedTransaction(db, transaction);
    }
}

/// <summary>What becomes of rows when the chain that this transaction belongs to ends.</summary>
public sealed class PlannedTransaction(VpsAdminDb db, Transaction transaction)
{
    /// <summary>Its failure does not turn the chain back, and stepping back passes it: for what comes when all that counts is done.</summary>
    public PlannedTransaction KeepGoing()
    {
        transaction.OnFailure = FailurePolicy.KeepGoing;
        return this;
    }

    /// <summary>Success confirms the row, failure deletes it.</summary>
    public PlannedTransaction Create<T>(T row) where T : class, IConfirmable
    {
        row.Confirmed = Confirmed.Create;
        return Add<T>(ConfirmationKind.Create, row.Id, null);
    }

    /// <summary>Failure deletes the row.</summary>
    public PlannedTransaction JustCreate<T>(long rowId) where T : class => Add<T>(ConfirmationKind.JustCreate, rowId, null);

    /// <summary>Hidden at once; success deletes the row, failure brings it back.</summary>
    public PlannedTransaction Destroy<T>(T row) where T : class, IConfirmable
    {
        row.Confirmed = Confirmed.Destroy;
        return Add<T>(ConfirmationKind.Destroy, row.Id, null);
    }

    /// <summary>Success deletes the row.</summary>
    public PlannedTransaction JustDestroy<T>(long rowId) where T : class => Add<T>(ConfirmationKind.JustDestroy, rowId, null);

    /// <summary>Success sets the properties.</summary>
    public PlannedTransaction EditAfter<T>(long rowId, params (string Property, object? Value)[] values) where T : class =>
        Add<T>(ConfirmationKind.EditAfter, rowId, values);

    /// <summary>Sets the properties now; failure sets them back.</summary>
    public PlannedTransaction EditBefore<T>(T row, params (string Property, object? Value)[] values) where T : class
    {
        var entry = db.Entry(row);
        var rowId = (long)entry.Property("Id").CurrentValue!;
        (string, object?)[] before = [.. values.Select(v => (v.Property, entry.Property(v.Property).CurrentValue))];
        foreach (var (property, value) in values)
            entry.Property(property).CurrentValue = value;
        return Add<T>(ConfirmationKind.EditBefore, rowId, before);
    }

    /// <summary>Success adds one.</summary>
    public PlannedTransaction Increment<T>(long rowId, string property) where T : class =>
        Add<T>(ConfirmationKind.Increment, rowId, [(property, null)]);

    /// <summary>Success takes one.</summary>
    public PlannedTransaction Decrement<T>(long rowId, string property) where T : class =>
        Add<T>(ConfirmationKind.Decrement, rowId, [(property, null)]);

    private PlannedTransaction Add<T>(ConfirmationKind kind, long rowId, (string Property, object? Value)[]? values) where T : class
    {
        var attributes = values?.ToDictionary(static v => v.Property, static v => v.Value);
        transaction.Confirmations.Add(new()
        {
            Kind = kind,
            Entity = typeof(T).Name,
            RowId = rowId,
            Attributes = attributes is null ? null : JsonSerializer.Serialize(attributes),
        });
        return this;
    }
}
