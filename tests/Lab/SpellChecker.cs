using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>Debian's <c>hunspell</c> with its British dictionary.</summary>
public static class SpellChecker
{
    private const string Program = "hunspell";

    /// <returns>Why there is none here, or null.</returns>
    public static Task<string?> InstallAsync(CancellationToken cancel) => DebianPackages.EnsureAsync([Program], [Program, "hunspell-en-gb"], cancel);

    /// <param name="words">A file with words that are right as well, one in a line.</param>
    /// <returns>The words of <paramref name="text"/> that neither knows, each once, sorted.</returns>
    /// <exception cref="InvalidOperationException">It does not run, for want of the dictionary for instance.</exception>
    public static async Task<IReadOnlyList<string>> UnknownAsync(string text, string words, CancellationToken cancel)
    {
        var process = OwnedProcess.Start(new ProcessSpec(OwnedProcess.Locate(Program)!, ["-d", "en_GB", "-i", "utf-8", "-p", words, "-l"], RedirectInput: true, RedirectOutput: true));
        await using (process.ConfigureAwait(false))
        {
            using var output = new StreamReader(process.StandardOutput);
            var read = output.ReadToEndAsync(cancel);
            var input = new StreamWriter(process.StandardInput);
            await using (input.ConfigureAwait(false))
                await input.WriteAsync(text.AsMemory(), cancel).ConfigureAwait(false);
            var unknown = await read.ConfigureAwait(false);
            var result = await process.Completion.WaitAsync(cancel).ConfigureAwait(false);
            return result.ExitCode == 0 && result.StandardError.Length == 0
                ? [.. unknown.Split('\n', StringSplitOptions.RemoveEmptyEntries).Distinct().Order(StringComparer.Ordinal)]
                : throw new InvalidOperationException($"{Program} ended with status {result.ExitCode}: {result.StandardError}");
        }
    }
}
