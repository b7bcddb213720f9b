using System.Globalization;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Tests.Redelivery;

/// <summary>
/// A <c>zfs</c> and a <c>tar</c> that kill the node which started them, with SIGKILL, behind the n-th thing that they did: whatever a node
/// can have done when it dies, it dies there. A stream or an archive that is being made is the exception: that one breaks off in the middle.
/// </summary>
internal sealed class MortalPrograms : IAsyncDisposable
{
    public MortalPrograms(int fatalStep)
    {
        Folder = Directory.CreateTempSubdirectory("mortal-").FullName;
        Write("zfs", readOnly: "get|list|-?|''", stream: "send", fatalStep);
        Write("tar", readOnly: "''", stream: "--create", fatalStep);
    }

    /// <summary>To be the first in PATH.</summary>
    public string Folder { get; }

    /// <summary>When the last of them has ended: they outlive the node by a moment.</summary>
    public async ValueTask DisposeAsync()
    {
        await Until.TrueAsync(() => !Programs.AnyNames(Folder), CancellationToken.None);
        Directory.Delete(Folder, recursive: true);
    }

    private void Write(string program, string readOnly, string stream, int fatalStep)
    {
        var real = OwnedProcess.Locate(program);
        var path = Path.Combine(Folder, program);
        // mkdir counts: it makes a folder once, whoever else is at it. A receive without a target asks only what zfs can do.
        File.WriteAllText(path, string.Create(CultureInfo.InvariantCulture, $"""
            #!/bin/sh
            case "$1" in {readOnly}) exec '{real}' "$@" ;; esac
            [ "$1 $2 $#" = 'receive -u 2' ] && exec '{real}' "$@"
            step=1
            while ! mkdir '{Folder}/'$step 2>/dev/null; do step=$((step + 1)); done
            [ $step = {fatalStep} ] || exec '{real}' "$@"
            case "$1" in
                {stream}) '{real}' "$@" 2>/dev/null | head -c 100000 ;;
                *) '{real}' "$@" ;;
            esac
            kill -9 $PPID

            """));
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
