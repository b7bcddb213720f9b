using System.Globalization;
using System.Reflection;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>Carries out confirmations in the database context; saving is the caller's, so that all happen or none.</summary>
internal static class ConfirmationRun
{
    private static readonly MethodInfo SetOf = typeof(DbContext).GetMethod(nameof(DbContext.Set), 1, [])!;

    /// <summary>Reads the rows of many confirmations, one query for each kind of row, so that they are found without another.</summary>
    public static async Task LoadAsync(VpsAdminDb db, IEnumerable<Confirmation> confirmations, CancellationToken cancel)
    {
        foreach (var rows in confirmations.GroupBy(static c => c.Entity, static c => c.RowId))
        {
            var ids = rows.Distinct().ToList();
            if (ids.Count > 1)
                await Rows(db, EntityOf(db, rows.Key)).Where(row => ids.Contains(EF.Property<long>(row, "Id"))).LoadAsync(cancel).ConfigureAwait(false);
        }
    }

    private static Type EntityOf(VpsAdminDb db, string name) => db.Model.GetEntityTypes().Single(t => t.ClrType.Name == name).ClrType;

    private static IQueryable<object> Rows(VpsAdminDb db, Type entity) => (IQueryable<object>)SetOf.MakeGenericMethod(entity).Invoke(db, parameters: null)!;

    public static async Task ApplyAsync(VpsAdminDb db, Confirmation confirmation, bool success, CancellationToken cancel)
    {
        var row = await db.FindAsync(EntityOf(db, confirmation.Entity), [confirmation.RowId], cancel).ConfigureAwait(false);
        if (row is null)
            return; // Destroyed by another chain meanwhile, such as the snapshot of a download that is being removed.

        switch (confirmation.Kind, success)
        {
            case (ConfirmationKind.Destroy, _) when row is Snapshot snapshot:
                SnapshotEnd.Settle(db, snapshot);
                break;
            case (ConfirmationKind.Create, true):
            case (ConfirmationKind.Destroy, false):
                ((IConfirmable)row).Confirmed = Confirmed.Yes;
                break;
            case (ConfirmationKind.Create or ConfirmationKind.JustCreate, false):
            case (ConfirmationKind.Destroy or ConfirmationKind.JustDestroy, true):
                db.Remove(row);
                break;
            case (ConfirmationKind.EditAfter, true):
            case (ConfirmationKind.EditBefore, false):
                Set(db.Entry(row), confirmation.Attributes);
                break;
            case (ConfirmationKind.Increment, true):
                Add(db.Entry(row), confirmation.Attributes, 1);
                break;
            case (ConfirmationKind.Decrement, true):
                Add(db.Entry(row), confirmation.Attributes, -1);
                break;
        }
    }

    private static void Set(EntityEntry row, string? attributes)
    {
        foreach (var (name, value) in Read(attributes))
        {
            var property = row.Property(name);
            property.CurrentValue = value.Deserialize(property.Metadata.ClrType);
        }
    }

    private static void Add(EntityEntry row, string? attributes, int change)
    {
        foreach (var (name, _) in Read(attributes))
        {
            var property = row.Property(name);
            var sum = Convert.ToInt64(property.CurrentValue, CultureInfo.InvariantCulture) + change;
            property.CurrentValue = Convert.ChangeType(sum, property.Metadata.ClrType, CultureInfo.InvariantCulture);
        }
    }

    private static Dictionary<string, JsonElement> Read(string? attributes) =>
        JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(attributes ?? "{}") ?? [];
}
