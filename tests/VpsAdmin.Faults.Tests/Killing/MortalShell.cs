using System.Diagnostics;
using System.Reflection;

namespace VpsAdmin.Faults.Tests.Killing;

/// <summary>The program vpsadmin with a script, to be killed.</summary>
internal sealed class MortalShell : IAsyncDisposable
{
    /// <summary>The exit code that .NET makes of SIGKILL.</summary>
    private const int Killed = 128 + 9;

    private static readonly string Program = typeof(MortalShell).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Shell").Value!;

    private readonly Process _process;
    private readonly Task<string> _output;
    private readonly Task<string> _error;

    private MortalShell(Process process)
    {
        _process = process;
        _output = process.StandardOutput.ReadToEndAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    /// <param name="command">The last line of the script, after it has connected; it may use <c>$Rest</c>, the arguments.</param>
    public static MortalShell Start(string folder, Uri server, string command, params string[] arguments)
    {
        var script = Path.Combine(folder, "run.ps1");
        File.WriteAllText(script, $$"""
            param($Uri, [Parameter(ValueFromRemainingArguments)] $Rest)
            $ErrorActionPreference = 'Stop'
            $token = [Security.SecureString]::new()
            'any'.ToCharArray() | ForEach-Object { $token.AppendChar($_) }
            $null = Connect-VpsAdmin $Uri -Token $token
            {{command}}
            """);
        var start = new ProcessStartInfo(Program, [script, server.AbsoluteUri, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["XDG_CACHE_HOME"] = Path.Combine(folder, "cache");
        return new MortalShell(Process.Start(start)!);
    }

    /// <summary>SIGKILL at a moment: nothing of it cleans up.</summary>
    /// <returns>False: it had ended by then, and well.</returns>
    public async Task<bool> KillAsync(Func<bool> moment, CancellationToken cancel)
    {
        await Eventually.TrueAsync(() => _process.HasExited || moment(), cancel);
        _process.Kill();
        await _process.WaitForExitAsync(cancel);
        if (_process.ExitCode == Killed)
            return true;
        var (code, output, error) = await EndAsync(cancel);
        Assert.True(code == 0, $"It ended by itself with {code}: {error}{output}");
        return false;
    }

    /// <summary>Its whole life.</summary>
    public async Task<(int Code, string Output, string Error)> EndAsync(CancellationToken cancel)
    {
        await _process.WaitForExitAsync(cancel);
        return (_process.ExitCode, await _output, await _error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}
