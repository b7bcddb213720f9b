using System.Collections.Frozen;

namespace VpsAdmin.PS;

/// <summary>
/// The exit code of a program for each error id. Errors carry it in <c>Exception.Data['VpsAdmin.ExitCode']</c>, where vpsadmin and scripts of
/// pwsh find it. Ids that are not here count 1.
/// </summary>
internal static class ExitCodes
{
    public const string Key = "VpsAdmin.ExitCode";

    public const int Ok = 0, Other = 1, Partial = 10, Verification = 11, Locked = 12, Connection = 13, Conflict = 14, Configuration = 15, Target = 16;

    private static readonly FrozenDictionary<string, int> Codes = new Dictionary<int, string[]>
    {
        [Partial] = ["BackupPartial"],
        [Verification] = ["ChecksumMismatch", "BadStream", "ExportRewritten", "ZfsBadStream", "RestoreMismatch"],
        [Locked] = ["BackupRunning", "RestoreRunning", "ObjectLocked", "SnapshotUnconfirmed", "ZfsBusy"],
        [Connection] = ["ApiUnreachable", "ApiProtocolError", "RetriesExhausted", "BadDownloadResponse", "ExportVanished", "NotAuthenticated", "ZfsHostUnreachable"],
        [Conflict] = ["NoCommonSnapshot", "Diverged", "WrongDataset", "TargetConflict", "FormatConflict", "RestoreTargetConflict", "ScheduleExists", "ZfsAlreadyExists", "ZfsInUse"],
        [Configuration] =
        [
            "NotConnected", "EnvironmentIncomplete", "SavedConnectionsUnsafe", "SavedConnectionsDamaged", "OAuthUntrusted", "ApiNotSupported", "InvalidUri", "InvalidPingUri", "InvalidZfsHost", "InvalidCombination", "InvalidKeepPolicy", "InvalidCredential", "LoginStepRequired", "NoDatasetGiven", "DatasetNotFound", "ObjectNotFound",
            "VpsWithoutDataset", "AccessDenied", "NotFileSystemPath", "FolderNotFound", "ZfsUnavailable", "ZfsNotFound", "ZfsPermissionDenied", "ConnectionNotFound",
            "InvalidParameter", "SnapshotNotFound", "BackupSnapshotNotFound", "RestorePathNotFound", "InvalidSchedule", "ScheduleNotFound", "TokenFileNotFound", "TooFewVpses", "NothingToChange",
        ],
        [Target] = ["TargetFailed", "RestoreCopyFailed", "ZfsFailed", "ZfsOutOfSpace"],
    }.SelectMany(static entry => entry.Value.Select(id => (id, entry.Key))).ToFrozenDictionary(static pair => pair.id, static pair => pair.Key);

    public static int Of(string errorId) => Codes.GetValueOrDefault(errorId, Other);
}
