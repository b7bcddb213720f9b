using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore.ChangeTracking;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Chains;

/// <summary>Carries out confirmations in the database context; saving is the caller's, so that all happen or none.</summary>
internal static class ConfirmationRun
{
    public static async Task ApplyAsync(VpsAdminDb db, Confirmation confirmation, bool success, CancellationToken cancel)
    {
        var entity = db.Model.GetEntityTypes().Single(t => t.ClrType.Name == confirmation.Entity).ClrType;
        var row = await db.FindAsync(entity, [confirmation.RowId], cancel).ConfigureAwait(false);
        if (row is null)
            return; // Destroyed by another chain meanwhile, such as the snapshot of a download that is being removed.

        switch (confirmation.Kind, success)
        {
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
