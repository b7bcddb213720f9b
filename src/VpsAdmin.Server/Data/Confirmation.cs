namespace VpsAdmin.Server.Data;

/// <summary>How far a row is real, with vpsAdmin's own numbers.</summary>
public enum Confirmed
{
    /// <summary>A chain is making what the row stands for.</summary>
    Create = 0,
    Yes = 1,
    /// <summary>A chain is removing what the row stands for.</summary>
    Destroy = 2,
}

/// <summary>A row that stands for something on a node, made and removed by chains.</summary>
public interface IConfirmable
{
    long Id { get; }
    Confirmed Confirmed { get; set; }
}

public enum ConfirmationKind
{
    /// <summary>Success confirms the row, failure deletes it.</summary>
    Create = 0,
    /// <summary>Attributes are set when the chain ends in success.</summary>
    EditAfter = 1,
    /// <summary>Attributes were set when the chain was built; failure sets them back.</summary>
    EditBefore = 2,
    /// <summary>Success deletes the row, failure leaves it confirmed.</summary>
    Destroy = 3,
    /// <summary>Success deletes a row that is not <see cref="IConfirmable"/>.</summary>
    JustDestroy = 4,
    /// <summary>Success adds one to each attribute.</summary>
    Increment = 5,
    /// <summary>Success takes one from each attribute.</summary>
    Decrement = 6,
    /// <summary>Failure deletes a row that is not <see cref="IConfirmable"/>.</summary>
    JustCreate = 7,
}

/// <summary>What becomes of one row when the chain ends; all of a chain are carried out in one database transaction.</summary>
public sealed class Confirmation
{
    public long Id { get; init; }
    public long TransactionId { get; init; }
    public Transaction Transaction { get; init; } = null!;
    public required ConfirmationKind Kind { get; init; }

    /// <summary>Name of the entity type.</summary>
    public required string Entity { get; init; }

    public required long RowId { get; init; }

    /// <summary>JSON object, property to value: the new ones for edit-after, the old ones for edit-before, null for most others.</summary>
    public string? Attributes { get; init; }
}
