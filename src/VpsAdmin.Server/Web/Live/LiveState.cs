namespace VpsAdmin.Server.Web.Live;

/// <summary>What the part of a page that is being made says of its next time.</summary>
public sealed class LiveState
{
    /// <summary>There is nothing more to come.</summary>
    public bool IsFinished { get; set; }

    /// <summary>Something of it changes without a chain's doing, such as the length of a file; null: nothing does.</summary>
    public TimeSpan? LookAgainIn { get; set; }
}
