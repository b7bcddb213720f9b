using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>Programs that tests need, installed with <c>apt-get</c> where they are missing.</summary>
internal static class DebianPackages
{
    private static readonly SemaphoreSlim Installing = new(1, 1);

    /// <param name="programs">What is looked for.</param>
    /// <param name="packages">What has them.</param>
    /// <returns>Why they are not to be had; null: they are there.</returns>
    public static async Task<string?> EnsureAsync(IReadOnlyList<string> programs, IReadOnlyList<string> packages, CancellationToken cancel)
    {
        await Installing.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (programs.All(static program => OwnedProcess.Locate(program) is not null))
                return null;
            var names = string.Join(", ", packages);
            if (OwnedProcess.Locate("apt-get") is not { } apt)
                return $"There is no apt-get to install {names} with.";
            string[] options = ["-qq", "-o", "DPkg::Lock::Timeout=120", "-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=20"];
            string[] install = [.. options, "install", "-y", "--no-install-recommends", "--no-remove", .. packages];
            if ((await AptAsync(apt, install, cancel).ConfigureAwait(false)).ExitCode == 0)
                return null;
            await AptAsync(apt, [.. options, "update"], cancel).ConfigureAwait(false);
            var result = await AptAsync(apt, install, cancel).ConfigureAwait(false);
            return result.ExitCode == 0 ? null : $"{names} cannot be installed: {result.StandardError}";
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
