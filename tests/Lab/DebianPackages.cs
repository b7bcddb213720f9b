using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>Programs that tests need and a machine may lack: installed with <c>apt-get</c>, where there is one.</summary>
public static class DebianPackages
{
    private static readonly SemaphoreSlim Installing = new(1, 1);

    private static readonly string[] Options = ["-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"];

    /// <summary>May take a minute or two when something must be installed first.</summary>
    /// <param name="program">Looked for in PATH; when it is there, nothing is done.</param>
    /// <returns>Null when the program is there; otherwise why it is not, to skip a test with.</returns>
    public static async Task<string?> InstallAsync(string program, IReadOnlyList<string> packages, CancellationToken cancel)
    {
        await Installing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (OwnedProcess.Locate(program) is not null)
                return null;
            if (OwnedProcess.Locate("apt-get") is not { } apt)
                return $"There is no {program}, and no apt-get to install it with.";
            string[] install = [.. Options, "install", "-y", "--no-install-recommends", "--no-remove", .. packages];
            if ((await AptAsync(apt, install, cancel).ConfigureAwait(false)).ExitCode == 0)
                return null;
            await AptAsync(apt, [.. Options, "update"], cancel).ConfigureAwait(false);
            var result = await AptAsync(apt, install, cancel).ConfigureAwait(false);
            return result.ExitCode == 0 ? null : $"{program} cannot be installed: {result.StandardError}";
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
