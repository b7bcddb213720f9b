using System.Management.Automation;
using VpsAdmin.Backup.Restoring;

namespace VpsAdmin.PS;

/// <summary>Errors about what is done with backups when they are there, and about the server's work of every day.</summary>
internal static partial class Errors
{
    // Parameters of backups
    public static readonly ErrorKind InvalidPingUri = new("InvalidPingUri", ErrorCategory.InvalidArgument, "Give the watcher's whole address, such as https://hc-ping.com/UUID.");
    public static readonly ErrorKind InvalidZfsHost = new("InvalidZfsHost", ErrorCategory.InvalidArgument,
        "Write it as ssh knows it; port and key belong into ssh's configuration.");

    // Restores
    public static readonly ErrorKind BackupSnapshotNotFound = new("BackupSnapshotNotFound", ErrorCategory.ObjectNotFound, "(Get-VpsBackup FILESYSTEM).Snapshots lists what is there.");
    public static readonly ErrorKind RestoreTargetConflict = new("RestoreTargetConflict", ErrorCategory.ResourceExists, "Nothing was changed.");
    public static readonly ErrorKind RestorePathNotFound = new("RestorePathNotFound", ErrorCategory.ObjectNotFound, "Paths begin at the top of the snapshot; links are not followed.");
    public static readonly ErrorKind RestoreRunning = new("RestoreRunning", ErrorCategory.ResourceBusy, "Wait until the other restore has ended.");
    public static readonly ErrorKind RestoreCopyFailed = new("RestoreCopyFailed", ErrorCategory.WriteError, "Nothing was left in the folder. Look for missing permissions (run as root, or use -Sudo) and free space.");
    public static readonly ErrorKind RestoreMismatch = new("RestoreMismatch", ErrorCategory.InvalidData, "Restore again under another name.");

    // Schedules
    public static readonly ErrorKind SchedulerFailed = new("SchedulerFailed", ErrorCategory.InvalidResult,
        "The files of the schedule are written; run the command again with -Force when the scheduler works.");
    public static readonly ErrorKind ScheduleExists = new("ScheduleExists", ErrorCategory.ResourceExists, "Choose another -Name, or replace it with -Force.");
    public static readonly ErrorKind ScheduleNotFound = new("ScheduleNotFound", ErrorCategory.ObjectNotFound, "Get-VpsBackupSchedule lists those that are there.");
    public static readonly ErrorKind InvalidSchedule = new("InvalidSchedule", ErrorCategory.InvalidArgument, "Nothing was written.");
    public static readonly ErrorKind TokenFileNotFound = new("TokenFileNotFound", ErrorCategory.ObjectNotFound, "Put the token into the file, readable by its owner alone, and give its full path.");

    // Chains and migrations
    public static readonly ErrorKind WaitTimedOut = new("WaitTimedOut", ErrorCategory.OperationTimeout, "The server goes on with it: wait again, or look with Get-VpsTransactionChain.");
    public static readonly ErrorKind TooFewVpses = new("TooFewVpses", ErrorCategory.InvalidArgument, "A migration plan moves at least two VPSes.");
    public static readonly ErrorKind MigrationPlanStarted = new("MigrationPlanStarted", ErrorCategory.InvalidOperation, "Begin a new plan: leave out -Plan.");
    public static readonly ErrorKind MigrationFailed = new("MigrationFailed", ErrorCategory.OperationStopped, "The plan's migrations and their transaction chains have the details.");

    private static ErrorKind KindOf(RestoreFailure failure) => failure switch
    {
        RestoreFailure.SnapshotNotFound => BackupSnapshotNotFound,
        RestoreFailure.TargetConflict => RestoreTargetConflict,
        RestoreFailure.PathNotFound => RestorePathNotFound,
        RestoreFailure.AlreadyRunning => RestoreRunning,
        RestoreFailure.CopyFailed => RestoreCopyFailed,
        RestoreFailure.Mismatch => RestoreMismatch,
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, null),
    };
}
