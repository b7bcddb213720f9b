namespace VpsAdmin.Server.Consistency;

/// <summary>
/// What is found by two looks, one after the other. The server may be at work: what was removed or made between two questions of one look is
/// on one side only for that look, and no disagreement.
/// </summary>
internal static class SecondLook
{
    /// <param name="look">Called again only when it finds something. What it read before must not count.</param>
    public static async Task<IReadOnlyList<Finding>> ConfirmAsync(Func<Task<IReadOnlyList<Finding>>> look)
    {
        var found = await look().ConfigureAwait(false);
        if (found.Count == 0)
            return found;
        var again = (await look().ConfigureAwait(false)).Select(static f => (f.Kind, f.Subject)).ToHashSet();
        return [.. found.Where(f => again.Contains((f.Kind, f.Subject)))];
    }
}
