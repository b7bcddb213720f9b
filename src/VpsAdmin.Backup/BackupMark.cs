using System.Globalization;

namespace VpsAdmin.Backup;

/// <summary>
/// Whose backup something is. Ids of datasets are numbers of one server, so that its address belongs to it. The filesystem has it as a property of its own, and so
/// has each history dataset that a backup has made: a number for a name does not make a filesystem a backup.
/// </summary>
/// <param name="Server">Address of its API.</param>
public sealed record BackupMark(long DatasetId, string Server)
{
    /// <summary>The user property that it is kept in.</summary>
    public const string Property = "cz.vpsfree.vpsadmin:backup_of";

    /// <returns>Null for what is no mark.</returns>
    public static BackupMark? TryParse(string? text) =>
        text?.Split('@', 2) is [var id, var server] && long.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? new(number, server) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{DatasetId}@{Server}");
}
