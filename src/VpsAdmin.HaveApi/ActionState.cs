namespace VpsAdmin.HaveApi;

/// <summary>Progress of a background action.</summary>
/// <param name="Status">True while nothing has failed.</param>
/// <param name="Total">0 when unknown.</param>
public sealed record ActionState(long Id, string? Label, bool Finished, bool Status, long Current, long Total, string? Unit, bool CanCancel)
{
    public bool Succeeded => Finished && Status;
}
