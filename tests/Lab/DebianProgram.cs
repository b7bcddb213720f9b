using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>A program of Debian's that tests need, installed with <c>apt-get</c> where it is missing.</summary>
internal static class DebianProgram
{
    private static readonly SemaphoreSlim Installing = new(1, 1);

    /// <returns>Why it is not to be had; null: it is there.</returns>
    public static async Task<string?> InstallAsync(string program, string package, CancellationToken cancel)
    {
        await Installing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (OwnedProcess.Locate(program) is not null)
                return null;
            if (OwnedProcess.Locate("apt-get") is not { } apt)
                return $"There is no {program}, and no apt-get to install it with.";
            string[] options = ["-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"];
            string[] install = [.. options, "install", "-y", "--no-install-recommends", "--no-remove", package];
            if ((await AptAsync(apt, install, cancel).ConfigureAwait(false)).ExitCode == 0)
                return null;
            await AptAsync(apt, [.. options, "update"], cancel).ConfigureAwait(false);
            var result = await AptAsync(apt, install, cancel).ConfigureAwait(false);
            return result.ExitCode == 0 ? null : $"{package} cannot be installed: {result.StandardError}";
        }
        finally
        {
            Installing.Release();
        }
    }

    private static async Task<ProcessResult> AptAsync(string apt, string[] arguments, CancellationToken cancel)
    {
        var process = OwnedProcess.Start(new ProcessSpec(apt, arguments));
        await using (process.ConfigureAwait(false))
            return await process.Completion.WaitAsync(cancel).ConfigureAwait(false);
    }
}
