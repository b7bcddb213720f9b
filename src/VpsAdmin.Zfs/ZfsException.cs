using System.ComponentModel;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Zfs;

/// <summary>Why a <c>zfs</c> command failed, as far as its words tell.</summary>
public enum ZfsFailure
{
    Other,
    /// <summary>The program is not there, or its kernel module or daemon is not running.</summary>
    Unavailable,
    /// <summary>ssh did not get to the host whose zfs it is.</summary>
    HostUnreachable,
    NotFound,
    AlreadyExists,
    Busy,
    PermissionDenied,
    OutOfSpace,
    /// <summary>A snapshot that a clone, a hold or a later stream still needs.</summary>
    InUse,
    /// <summary>The stream was refused: cut short, wrong base, changed target.</summary>
    BadStream,
}

/// <summary>A <c>zfs</c> command ended with an error.</summary>
public sealed class ZfsException(ZfsFailure failure, string message, IReadOnlyList<string> command, int? exitCode, string standardError, Exception? inner = null)
    : Exception(message, inner)
{
    // How a process that a signal ended looks to its parent: 128 and the signal. A status above all signals is the program's own.
    private const int Signalled = 128;
    private const int LastSignal = 64;

    public ZfsFailure Failure { get; } = failure;

    /// <summary>Program and arguments as they were started.</summary>
    public IReadOnlyList<string> Command { get; } = command;

    /// <summary>Null when the program was not started, or was killed.</summary>
    public int? ExitCode { get; } = exitCode;

    /// <summary>The last lines of standard error.</summary>
    public string StandardError { get; } = standardError;

    /// <summary>The error for a command that ended with <paramref name="result"/>; <paramref name="command"/> is program and arguments.</summary>
    public static ZfsException From(IReadOnlyList<string> command, ProcessResult result)
    {
        var killed = result.ExitCode is > Signalled and <= Signalled + LastSignal;
        var failure = ZfsFailures.Classify(result.StandardError);
        var end = killed ? $"was ended by signal {result.ExitCode - Signalled}" : $"failed with status {result.ExitCode}";
        var words = result.StandardError.Length > 0 ? $": {Sentence(result.StandardError)}" : ".";
        var message = Join($"'{string.Join(' ', command)}' {end}{words}", ZfsFailures.Advice(failure));
        return new ZfsException(failure, message, command, killed ? null : result.ExitCode, result.StandardError);
    }

    /// <summary>The error for a program that could not be started.</summary>
    internal static ZfsException NotStarted(IReadOnlyList<string> command, Win32Exception inner) =>
        new(ZfsFailure.Unavailable,
            Join($"'{command[0]}' cannot be started: {Sentence(inner.Message)}", ZfsFailures.Advice(ZfsFailure.Unavailable)),
            command, exitCode: null, standardError: "", inner);

    /// <summary>The same error when more is known about its reason than zfs said.</summary>
    internal ZfsException Because(ZfsFailure failure, string reason) =>
        new(failure, $"'{string.Join(' ', Command)}' failed: {reason}", Command, ExitCode, StandardError, this);

    private static string Sentence(string words)
    {
        var line = string.Join(' ', words.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        return line.EndsWith('.') ? line : line + ".";
    }

    private static string Join(string message, string? advice) => advice is null ? message : $"{message} {advice}";
}
