using System.Management.Automation;
using System.Net;
using VpsAdmin.Backup;
using VpsAdmin.Backup.Restoring;
using VpsAdmin.Backup.Scheduling;
using VpsAdmin.Client;
using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs;

namespace VpsAdmin.PS;

/// <param name="Id">Stable: scripts test for it.</param>
/// <param name="Advice">What to do next.</param>
internal sealed record ErrorKind(string Id, ErrorCategory Category, string Advice);

/// <summary>Every error of the module: its id, its category and what to do about it.</summary>
internal static partial class Errors
{
    // The command itself
    public static readonly ErrorKind NotConnected = new("NotConnected", ErrorCategory.ConnectionError,
        "Connect with Connect-VpsAdmin, or start a server of your own with Start-VpsAdminServer.");
    public static readonly ErrorKind InvalidUri = new("InvalidUri", ErrorCategory.InvalidArgument,
        "Give the whole address of the API, such as https://api.vpsfree.cz.");
    public static readonly ErrorKind BytesToTerminal = new("BytesToTerminal", ErrorCategory.InvalidOperation,
        "Pipe it into a native command, write it to a file with -OutFile, start a program with -Command, feed a process outside PowerShell with -ToStdout, or use Save-VpsSnapshot.");
    public static readonly ErrorKind DownstreamClosed = new("DownstreamClosed", ErrorCategory.WriteError,
        "Look at what the receiving command said itself. The transfer was stopped.");
    public static readonly ErrorKind NotFileSystemPath = new("NotFileSystemPath", ErrorCategory.InvalidArgument, "Give a path on the file system.");
    public static readonly ErrorKind TargetExists = new("TargetExists", ErrorCategory.ResourceExists,
        "Choose another file, or overwrite it with -Force. An interrupted download is continued by Save-VpsSnapshot -Resume; one that is complete needs nothing.");
    public static readonly ErrorKind NotAFile = new("NotAFile", ErrorCategory.InvalidArgument, "Name a file.");
    public static readonly ErrorKind FolderNotFound = new("FolderNotFound", ErrorCategory.ObjectNotFound, "Create the folder first, or choose another.");
    public static readonly ErrorKind FileNotFound = new("FileNotFound", ErrorCategory.ObjectNotFound, "Check the path.");
    public static readonly ErrorKind CommandNotFound = new("CommandNotFound", ErrorCategory.ObjectNotFound, "Name a program in PATH, or its full path.");
    public static readonly ErrorKind ConsumerFailed = new("ConsumerFailed", ErrorCategory.WriteError, "Its exit code and last words are in the message.");
    public static readonly ErrorKind InvalidCombination = new("InvalidCombination", ErrorCategory.InvalidArgument, "See Get-Help for the parameters that go together.");
    public static readonly ErrorKind SnapshotUnconfirmed = new("SnapshotUnconfirmed", ErrorCategory.ResourceUnavailable,
        "The server is still taking the snapshot: wait until Get-VpsSnapshot shows it confirmed.");
    public static readonly ErrorKind DatasetNotFound = new("DatasetNotFound", ErrorCategory.ObjectNotFound, "List the datasets with Get-VpsDataset.");
    public static readonly ErrorKind SnapshotNotFound = new("SnapshotNotFound", ErrorCategory.ObjectNotFound, "List the snapshots with Get-VpsSnapshot.");
    public static readonly ErrorKind VpsWithoutDataset = new("VpsWithoutDataset", ErrorCategory.InvalidData,
        "The server shows no root dataset for this VPS: name the dataset instead.");
    public static readonly ErrorKind InvalidDatasetName = new("InvalidDatasetName", ErrorCategory.InvalidArgument,
        "Use letters, digits, and - _ . : only, as ZFS does.");

    // The server executable
    public static readonly ErrorKind ServerNotFound = new("ServerNotFound", ErrorCategory.ObjectNotFound,
        "Build the solution, which puts the server under the module's lib/server, or name the program with -ServerPath.");
    public static readonly ErrorKind ServerStartFailed = new("ServerStartFailed", ErrorCategory.OpenError,
        "Read the server's log, the file server.log in its data folder.");
    public static readonly ErrorKind ServerRunning = new("ServerRunning", ErrorCategory.ResourceExists,
        "Connect to it with Connect-VpsAdmin, stop it, or use another -DataPath.");
    public static readonly ErrorKind ServerNotOurs = new("ServerNotOurs", ErrorCategory.InvalidOperation,
        "Only a server that Start-VpsAdminServer started in this PowerShell process can be stopped here.");

    public static readonly ErrorKind CheckFailed = new("CheckFailed", ErrorCategory.ReadError,
        "Name the folder of a server on this machine that has been started once, as its administrator; with -ConfigPath its settings, where its database is elsewhere.");

    // The API
    public static readonly ErrorKind ApiUnreachable = new("ApiUnreachable", ErrorCategory.ConnectionError,
        "Check the address and the network, then try again.");
    public static readonly ErrorKind ApiProtocolError = new("ApiProtocolError", ErrorCategory.ProtocolError,
        "Check that the address is that of a vpsAdmin API, not of its web pages.");
    public static readonly ErrorKind ApiNotSupported = new("ApiNotSupported", ErrorCategory.NotImplemented, "Use a newer server, or an account or a token that may do it.");
    public static readonly ErrorKind NotAuthenticated = new("NotAuthenticated", ErrorCategory.AuthenticationError,
        "Check user name and password; a token may have expired: connect again.");
    public static readonly ErrorKind InvalidCredential = new("InvalidCredential", ErrorCategory.InvalidArgument,
        "Give user name and password with -Credential, or a token as the server issued it with -Token.");
    public static readonly ErrorKind LoginStepRequired = new("LoginStepRequired", ErrorCategory.AuthenticationError,
        "Run Connect-VpsAdmin at a terminal, where it asks, or give a one-time code with -TotpCode; jobs use a token saved with -Save, or one made in the server's web pages.");
    public static readonly ErrorKind AccessDenied = new("AccessDenied", ErrorCategory.PermissionDenied, "The account may not do this: ask the server's administrator.");
    public static readonly ErrorKind ObjectNotFound = new("ObjectNotFound", ErrorCategory.ObjectNotFound,
        "Check the id, and that this account may see the object.");
    public static readonly ErrorKind ObjectLocked = new("ObjectLocked", ErrorCategory.ResourceBusy, "Another operation holds the object: try again when it has finished.");
    public static readonly ErrorKind ActionRefused = new("ActionRefused", ErrorCategory.InvalidOperation, "The server gives its reason in the message.");
    public static readonly ErrorKind ActionAborted = new("ActionAborted", ErrorCategory.OperationStopped,
        "The server undid the operation. Where the message does not say why, Get-VpsTransactionChain has the chain's id, by which the server's administrator finds it.");
    public static readonly ErrorKind ApiFailed = new("ApiFailed", ErrorCategory.InvalidResult, "Try again; if it stays so, tell the server's administrator.");

    // Transfers
    public static readonly ErrorKind ExportVanished = new("ExportVanished", ErrorCategory.ResourceUnavailable,
        "The server's export failed or was deleted: run the command again to make a new one.");
    public static readonly ErrorKind ChecksumMismatch = new("ChecksumMismatch", ErrorCategory.InvalidData,
        "Nothing was kept of it: run the command again, which makes a new transfer.");
    public static readonly ErrorKind ExportRewritten = new("ExportRewritten", ErrorCategory.InvalidData,
        "The server's file changed during the transfer: run the command again from the beginning.");
    public static readonly ErrorKind RetriesExhausted = new("RetriesExhausted", ErrorCategory.OperationTimeout,
        "Check the network and the server, then run the command again, with -Resume where there is one; or raise -RetryCount and -RetryTimeout.");
    public static readonly ErrorKind BadDownloadResponse = new("BadDownloadResponse", ErrorCategory.ProtocolError,
        "The download server, or a proxy before it, does not answer as it should: tell its administrator.");
    public static readonly ErrorKind BadStream = new("BadStream", ErrorCategory.InvalidData,
        "The exported file is damaged or cut short on the server: delete the download there and run the command again.");
    public static readonly ErrorKind TargetFailed = new("TargetFailed", ErrorCategory.WriteError,
        "Look for a full disk, missing permissions, or the receiving program's own message.");
    public static readonly ErrorKind TargetConflict = new("TargetConflict", ErrorCategory.ResourceExists,
        "The message names what is in the way. Save-VpsSnapshot continues its own part with -Resume; -Force replaces it.");
    public static readonly ErrorKind FormatConflict = new("FormatConflict", ErrorCategory.ResourceExists,
        "Save-VpsSnapshot and New-VpsSnapshotDownload replace it with -Force.");

    // ZFS on this machine
    public static readonly ErrorKind ZfsFailed = new("ZfsFailed", ErrorCategory.InvalidResult, "The command and its words are in the message.");
    public static readonly ErrorKind ZfsUnavailable = new("ZfsUnavailable", ErrorCategory.NotInstalled, "Install ZFS on this machine, and load its kernel module.");
    public static readonly ErrorKind ZfsHostUnreachable = new("ZfsHostUnreachable", ErrorCategory.ConnectionError,
        "Try 'ssh -o BatchMode=yes HOST true' as this user: it must succeed without a question.");
    public static readonly ErrorKind ZfsNotFound = new("ZfsNotFound", ErrorCategory.ObjectNotFound, "Create the filesystem with 'zfs create', or check its name.");
    public static readonly ErrorKind ZfsAlreadyExists = new("ZfsAlreadyExists", ErrorCategory.ResourceExists, "Rename or destroy what is in the way.");
    public static readonly ErrorKind ZfsBusy = new("ZfsBusy", ErrorCategory.ResourceBusy, "Unmount it, or end what uses it, then try again.");
    public static readonly ErrorKind ZfsPermissionDenied = new("ZfsPermissionDenied", ErrorCategory.PermissionDenied,
        "Run as root, use -Sudo, or delegate the permission with 'zfs allow'.");
    public static readonly ErrorKind ZfsOutOfSpace = new("ZfsOutOfSpace", ErrorCategory.LimitsExceeded, "Free space in the pool, or raise the quota.");
    public static readonly ErrorKind ZfsInUse = new("ZfsInUse", ErrorCategory.ResourceBusy, "Release its holds and clones first.");
    public static readonly ErrorKind ZfsBadStream = new("ZfsBadStream", ErrorCategory.InvalidData,
        "The target may have been changed: -Force rolls it back to its newest snapshot.");

    // Backups
    public static readonly ErrorKind NoDatasetGiven = new("NoDatasetGiven", ErrorCategory.InvalidArgument,
        "Name the dataset with -Dataset: the filesystem does not remember one yet.");
    public static readonly ErrorKind NoCommonSnapshot = new("NoCommonSnapshot", ErrorCategory.InvalidOperation,
        "Rename the history dataset with 'zfs rename' to keep it and start anew, or back up into another filesystem.");
    public static readonly ErrorKind Diverged = new("Diverged", ErrorCategory.InvalidOperation,
        "The message has the commands that help; -Force destroys the local snapshots that are in the way.");
    public static readonly ErrorKind BackupPartial = new("BackupPartial", ErrorCategory.InvalidResult, "The other errors of this command tell what failed.");
    public static readonly ErrorKind InvalidKeepPolicy = new("InvalidKeepPolicy", ErrorCategory.InvalidArgument,
        "Write it as 'hourly=24,daily=14,weekly=8,monthly=12,yearly=3'.");
    public static readonly ErrorKind WrongDataset = new("WrongDataset", ErrorCategory.InvalidArgument,
        "Use the filesystem that belongs to this dataset; -Force gives the filesystem to the new one.");
    public static readonly ErrorKind BackupRunning = new("BackupRunning", ErrorCategory.ResourceBusy, "Wait until the other backup of this filesystem has ended.");
    public static readonly ErrorKind NothingToBackUp = new("NothingToBackUp", ErrorCategory.ObjectNotFound, "Take a snapshot with New-VpsSnapshot.");

    public static readonly ErrorKind Unexpected = new("Unexpected", ErrorCategory.NotSpecified, "This is a fault of VpsAdmin.PS. Tell its authors, with this message and $Error[0].Exception.StackTrace.");

    /// <summary>For where one failure must not end what else there is to do: also a defect is told.</summary>
    public static ErrorRecord DescribeAny(Exception exception, object? target) => TryDescribe(exception, target) ?? Describe(Unexpected, exception, target);

    /// <returns>Null when <paramref name="exception"/> is none of what a command must expect: control flow of the engine, or a defect.</returns>
    public static ErrorRecord? TryDescribe(Exception exception, object? target)
    {
        var kind = exception switch
        {
            VpsAdminException e => e.Kind,
            ActionFailedException e => KindOf(e),
            ApiUnreachableException => ApiUnreachable,
            ProtocolException => ApiProtocolError,
            NotDescribedException => ApiNotSupported,
            InvalidInputException => InvalidParameter,
            ActionAbortedException => ActionAborted,
            LoginStepRequiredException => LoginStepRequired,
            OAuthFailedException => OAuthRefused,
            UntrustedOriginException => OAuthUntrusted,
            SavedConnectionException e => KindOf(e.Failure),
            HaveApiException => ApiFailed,
            TransferException e => KindOf(e.Failure),
            ZfsException e => KindOf(e.Failure),
            BackupConflictException e => KindOf(e.Outcome),
            RestoreException e => KindOf(e.Failure),
            ScheduleException => SchedulerFailed,
            IOException or UnauthorizedAccessException => TargetFailed,
            _ => null,
        };
        return kind is null ? null : Describe(kind, exception, (exception as VpsAdminException)?.Target ?? target);
    }

    public static ErrorRecord Describe(ErrorKind kind, string message, object? target) => Describe(kind, new VpsAdminException(kind, message, target), target);

    // No view shows RecommendedAction, so the advice is in the message too, unless the error brings a remedy that knows more.
    private static ErrorRecord Describe(ErrorKind kind, Exception exception, object? target)
    {
        var message = exception is TransferException { Failure: not TransferFailure.FormatConflict } or BackupConflictException ? exception.Message : $"{Sentence(exception.Message)} {kind.Advice}";
        exception.Data[ExitCodes.Key] = ExitCodes.Of(kind.Id);
        return new ErrorRecord(exception, kind.Id, kind.Category, target) { ErrorDetails = new ErrorDetails(message) { RecommendedAction = kind.Advice } };
    }

    /// <summary>Servers and operating systems say it without a full stop.</summary>
    private static string Sentence(string message) => message.TrimEnd() is [.., not ('.' or '!' or '?' or ':')] words ? words + "." : message;

    private static ErrorKind KindOf(ActionFailedException e) => e switch
    {
        { IsNotFound: true } => ObjectNotFound,
        { IsLocked: true } => ObjectLocked,
        // A refused token request has no status of its own: 200 on old servers, 400 on others.
        { IsUnauthorized: true } or { Action: "token#request" or "token#totp" } => NotAuthenticated,
        { HttpStatus: HttpStatusCode.Forbidden } => AccessDenied,
        _ => ActionRefused,
    };

    private static ErrorKind KindOf(TransferFailure failure) => failure switch
    {
        TransferFailure.ExportVanished => ExportVanished,
        TransferFailure.ChecksumMismatch => ChecksumMismatch,
        TransferFailure.ExportRewritten => ExportRewritten,
        TransferFailure.RetriesExhausted => RetriesExhausted,
        TransferFailure.BadResponse => BadDownloadResponse,
        TransferFailure.BadStream => BadStream,
        TransferFailure.SinkFailed => TargetFailed,
        TransferFailure.TargetConflict => TargetConflict,
        TransferFailure.FormatConflict => FormatConflict,
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, null),
    };

    private static ErrorKind KindOf(ZfsFailure failure) => failure switch
    {
        ZfsFailure.Unavailable => ZfsUnavailable,
        ZfsFailure.HostUnreachable => ZfsHostUnreachable,
        ZfsFailure.NotFound => ZfsNotFound,
        ZfsFailure.AlreadyExists => ZfsAlreadyExists,
        ZfsFailure.Busy => ZfsBusy,
        ZfsFailure.PermissionDenied => ZfsPermissionDenied,
        ZfsFailure.OutOfSpace => ZfsOutOfSpace,
        ZfsFailure.InUse => ZfsInUse,
        ZfsFailure.BadStream => ZfsBadStream,
        ZfsFailure.Other => ZfsFailed,
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, null),
    };

    private static ErrorKind KindOf(BackupOutcome? outcome) => outcome switch
    {
        null => NoDatasetGiven,
        BackupOutcome.WrongDataset => WrongDataset,
        BackupOutcome.NoSnapshots => NothingToBackUp,
        BackupOutcome.AlreadyRunning => BackupRunning,
        BackupOutcome.Diverged => Diverged,
        BackupOutcome.Locked => ObjectLocked,
        _ => NoCommonSnapshot,
    };
}
