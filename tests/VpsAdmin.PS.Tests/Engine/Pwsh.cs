using VpsAdmin.Lab;

namespace VpsAdmin.PS.Tests.Engine;

/// <summary>PowerShell with all that comes with it, which is not everywhere to be had.</summary>
internal static class Pwsh
{
    /// <summary>That of the runtime which this process has: a test may put another first in PATH.</summary>
    private static readonly string Host = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "..", "dotnet");

    /// <returns>Why there is none here, or null.</returns>
    public static async Task<string?> ReasonAsync() => await FindAsync() is { Library: null } missing ? missing.Reason : null;

    /// <returns>The command that runs it; null: there is none here.</returns>
    public static async Task<string[]?> CommandAsync() => (await FindAsync()).Library is { } library ? [Host, library] : null;

    /// <summary>Runs it to its end; skips the test where there is none.</summary>
    /// <param name="arguments">Besides those by which it asks nobody anything.</param>
    public static async Task<(int Code, string Output, string Error)> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null, string? folder = null)
    {
        var (library, reason) = await FindAsync();
        Assert.SkipWhen(library is null, reason);
        return await ProgramRun.RunAsync(Host, [library!, "-NoProfile", "-NonInteractive", .. arguments], environment, folder);
    }

    private static Task<(string? Library, string Reason)> FindAsync() => PwshTool.FindAsync(Repository.Root).WaitAsync(TestContext.Current.CancellationToken);
}
