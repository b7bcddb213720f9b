namespace VpsAdmin.Backup.Inspection;

/// <summary>Judges the age of a backup; pure.</summary>
public static class BackupFreshness
{
    /// <summary>The server's clock may be ahead of ours by so much. A snapshot of the further future would hide for long that no more come.</summary>
    private static readonly TimeSpan ClockTolerance = TimeSpan.FromHours(1);

    public static BackupCheck Judge(LocalBackup backup, BackupLimits limits, DateTimeOffset now)
    {
        if (backup.Newest is not { } newest)
            return new BackupCheck(backup.Filesystem, BackupState.Critical, null, null, limits, $"'{backup.Filesystem}' holds no snapshots.");

        var age = now - newest.Creation;
        if (age < -ClockTolerance)
            return new BackupCheck(backup.Filesystem, BackupState.Critical, newest, TimeSpan.Zero, limits,
                $"{newest} is dated {Duration(-age)} in the future; a clock is wrong, here or on the server, and the age of the backup cannot be told.");

        age = age < TimeSpan.Zero ? TimeSpan.Zero : age;
        var state = age > limits.MaxAge ? BackupState.Critical : age > limits.WarningAge ? BackupState.Warning : BackupState.Ok;
        var limit = state switch
        {
            BackupState.Critical => $"; it must not be older than {Duration(limits.MaxAge)}",
            BackupState.Warning => $"; from {Duration(limits.WarningAge!.Value)} on it is worth a look",
            _ => "",
        };
        return new BackupCheck(backup.Filesystem, state, newest, age, limits, $"{newest} is {Duration(age)} old{limit}.");
    }

    /// <summary>For a filesystem that could not be looked at.</summary>
    public static BackupCheck Unknown(string filesystem, BackupLimits limits, string reason) => new(filesystem, BackupState.Unknown, null, null, limits, reason);

    /// <summary>Such as <c>1 d 2 h</c>, <c>3 h 5 min</c>, <c>42 s</c>: the two largest units.</summary>
    internal static string Duration(TimeSpan time)
    {
        (long Count, string Unit)[] parts = [((long)time.TotalDays, "d"), (time.Hours, "h"), (time.Minutes, "min"), (time.Seconds, "s")];
        var shown = parts.SkipWhile(static p => p.Count == 0).Take(2).Where(static p => p.Count > 0).ToList();
        return shown.Count == 0 ? "0 s" : string.Join(' ', shown.Select(static p => FormattableString.Invariant($"{p.Count} {p.Unit}")));
    }
}
