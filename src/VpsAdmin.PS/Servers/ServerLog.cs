using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.PS.Servers;

/// <summary>What a server says, in a file of its data folder.</summary>
internal static class ServerLog
{
    private const int TailBytes = 8 * 1024;

    public static string PathIn(string dataPath) => Path.Combine(dataPath, "server.log");

    /// <summary>Writes the server's output to the file as it comes, and its last words behind it.</summary>
    public static async Task<ProcessResult> KeepAsync(OwnedProcess process, string path)
    {
        using (var log = OpenToAppend(path))
        {
            try
            {
                // Buffers of their own length reach the file at once.
                var buffer = new byte[16 * 1024];
                int length;
                while ((length = await process.StandardOutput.ReadAsync(buffer).ConfigureAwait(false)) > 0)
                {
                    await log.WriteAsync(buffer.AsMemory(0, length)).ConfigureAwait(false);
                    await log.FlushAsync().ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is IOException or ObjectDisposedException or OperationCanceledException)
            {
                // Killing a process closes its pipe under us. A log that cannot be written (full disk) ends no server.
            }

            var result = await process.Completion.ConfigureAwait(false);
            await AppendAsync(log, result.StandardError).ConfigureAwait(false);
            return result;
        }
    }

    /// <summary>The last lines, for an error message.</summary>
    public static string Tail(string path, int lines = 10)
    {
        if (!File.Exists(path))
            return "";
        using var log = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        log.Seek(Math.Max(0, log.Length - TailBytes), SeekOrigin.Begin);
        using var reader = new StreamReader(log);
        return string.Join('\n', reader.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(lines));
    }

    /// <summary>Only for its owner, like all in the folder.</summary>
    private static FileStream OpenToAppend(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, options);
    }

    private static async Task AppendAsync(FileStream log, string text)
    {
        try
        {
            using var writer = new StreamWriter(log, leaveOpen: true);
            await writer.WriteAsync(text).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // A full disk; the text is in the process's result as well.
        }
    }
}
