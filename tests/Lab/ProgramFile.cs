using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>Programs that tests write.</summary>
public static class ProgramFile
{
    /// <summary>Written by a child: a file that this process has open for writing while another thread forks cannot be run ("text file busy").</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    public static async Task WriteAsync(string path, string text)
    {
        await using var writer = OwnedProcess.Start(new ProcessSpec("sh", ["-c", "cat >\"$0\" && chmod 755 \"$0\"", path], RedirectInput: true));
        await using (var input = new StreamWriter(writer.StandardInput))
            await input.WriteAsync(text).ConfigureAwait(false);
        var result = await writer.Completion.ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new IOException($"'{path}' cannot be written: {result.StandardError}");
    }
}
