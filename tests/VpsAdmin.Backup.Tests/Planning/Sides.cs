namespace VpsAdmin.Backup.Tests.Planning;

/// <summary>Inventories in shorthand: letters are snapshots, taken an hour apart in the order of the alphabet.</summary>
internal static class Sides
{
    public const string Filesystem = "tank/backup/web";
    public static readonly DateTimeOffset Now = new(2016, 6, 14, 0, 0, 0, TimeSpan.Zero);

    /// <param name="histories">Such as <c>0:ABC 1:F</c>; a history without letters is an empty dataset.</param>
    public static LocalInventory Local(string histories, long? savedId = 7)
    {
        var parsed = Parse(histories);
        return new LocalInventory(Filesystem, savedId, [.. parsed.Select(static h => h.Id).Order()],
            [.. parsed.OrderBy(static h => h.Id).SelectMany(h => h.Letters.Select(c => new LocalSnapshot(h.Id, $"{c}", At(c), c, IsHeld: false)))]);
    }

    /// <param name="histories">As for <see cref="Local"/>; a lower-case letter is an unconfirmed snapshot.</param>
    public static RemoteInventory Remote(string histories, int current)
    {
        var all = Parse(histories).SelectMany(h => h.Letters.Select(c => (c, h.Id)));
        return new RemoteInventory(7, "101/var", current,
            [.. all.OrderBy(static s => char.ToUpperInvariant(s.c)).Select(static s => char.IsLower(s.c)
                ? new RemoteSnapshot(s.c, $"{s.c} (unconfirmed)", At(s.c), s.Id, IsConfirmed: false)
                : new RemoteSnapshot(s.c, $"{s.c}", At(s.c), s.Id, IsConfirmed: true))]);
    }

    /// <summary>Such as <c>full A, A-&gt;C</c>.</summary>
    public static string Shorthand(BackupPlan plan) => string.Join(", ", plan.Steps.Select(static step => step switch
    {
        FullStep full => $"full {full.Snapshot.Name}",
        IncrementalStep increment => $"{increment.Base.Name}->{increment.Snapshot.Name}",
        SeedStep seed => $"seed {Short(seed.Source)}@{seed.Snapshot.Name} {Short(seed.Target)}",
        RollbackStep rollback => $"rollback {rollback.Snapshot.Name} -{string.Concat(rollback.Destroyed.Select(static s => s.Name))}",
        AsideStep aside => $"aside {Short(aside.Target)} {Short(aside.NewName)}",
        _ => throw new ArgumentOutOfRangeException(nameof(plan)),
    }));

    private static string Short(string dataset) => dataset[(Filesystem.Length + 1)..];

    private static DateTimeOffset At(char letter) => Now.AddDays(-2).AddHours(char.ToUpperInvariant(letter) - 'A');

    private static List<(int Id, string Letters)> Parse(string histories) =>
        [.. histories.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(static h => h.Split(':')).Select(static h => (int.Parse(h[0], null), h[1]))];
}
