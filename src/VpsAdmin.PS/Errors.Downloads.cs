using System.Management.Automation;

namespace VpsAdmin.PS;

/// <summary>What is said about downloads, on the server and here.</summary>
internal static partial class Errors
{
    public static readonly ErrorKind NothingToChoose = new("NothingToChoose", ErrorCategory.ObjectNotFound, "Take a snapshot with New-VpsSnapshot.");
    public static readonly ErrorKind NobodyToAsk = new("NobodyToAsk", ErrorCategory.InvalidOperation, "Give -Id, or pipe objects of Get-VpsSnapshot.");
    public static readonly ErrorKind TransferNotFound = new("TransferNotFound", ErrorCategory.ObjectNotFound,
        "List unfinished downloads with Get-VpsTransfer -Recurse. One whose .part.json is missing or broken can only be removed as a file.");
}
