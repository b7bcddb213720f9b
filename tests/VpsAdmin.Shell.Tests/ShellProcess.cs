using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace VpsAdmin.Shell.Tests;

/// <param name="RawOutput">Standard output as it was.</param>
public sealed record ShellResult(int ExitCode, byte[] RawOutput, string Error)
{
    public string Output => Encoding.UTF8.GetString(RawOutput);
}

/// <summary>The built executable, with standard input empty and both outputs in pipes.</summary>
public sealed class ShellProcess : IDisposable
{
    private readonly Process _process;
    private readonly Task<byte[]> _output;

    private ShellProcess(Process process)
    {
        _process = process;
        _output = ReadAsync(process.StandardOutput.BaseStream);
    }

    public static string Executable { get; } = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "vpsadmin.exe" : "vpsadmin");

    /// <param name="ownGroup">Lead a process group, as a terminal's foreground job does.</param>
    public static ShellProcess Start(
        string? module, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, bool ownGroup = false)
    {
        // What a script runs in its background ignores SIGINT, and so do its children; these tests may be run like that.
        string[] command = [.. OperatingSystem.IsLinux() ? (string[])["env", "--default-signal=INT"] : [], .. ownGroup ? (string[])["setsid"] : [], Executable, .. arguments];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardErrorEncoding = Encoding.UTF8,
        };
        start.Environment["VPSADMIN_MODULE"] = module;
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;
        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new ShellProcess(process);
    }

    public static async Task<ShellResult> RunAsync(string? module, params string[] arguments)
    {
        using var process = Start(module, arguments);
        return await process.FinishAsync();
    }

    /// <summary>The next line of standard error; only before <see cref="FinishAsync"/>.</summary>
    public Task<string?> ReadErrorLineAsync() => _process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken).AsTask();

    /// <param name="group">The whole group, as a terminal does at Ctrl-C.</param>
    public async Task SignalAsync(string signal, bool group = false)
    {
        var id = group ? -_process.Id : _process.Id;
        using var kill = Process.Start("kill", ["-s", signal, "--", id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, kill.ExitCode);
    }

    public async Task<ShellResult> FinishAsync()
    {
        var cancel = TestContext.Current.CancellationToken;
        var error = await _process.StandardError.ReadToEndAsync(cancel);
        var output = await _output;
        await _process.WaitForExitAsync(cancel);
        return new ShellResult(_process.ExitCode, output, error);
    }

    private static async Task<byte[]> ReadAsync(Stream stream)
    {
        var all = new MemoryStream();
        await stream.CopyToAsync(all, TestContext.Current.CancellationToken);
        return all.ToArray();
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }
}
