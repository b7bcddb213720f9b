using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace VpsAdmin.Faults.Tests;

/// <summary>The program <c>vpsadmin-fault-server</c>, run as anybody would.</summary>
internal sealed class FaultProgram : IAsyncDisposable
{
    private const string Listening = "Listening on ";

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task _reading;
    private readonly Task<string> _error;

    private FaultProgram(Process process)
    {
        _process = process;
        _reading = ReadAsync();
        _error = process.StandardError.ReadToEndAsync();
    }

    public int Id => _process.Id;

    /// <summary>Written so far to the standard output.</summary>
    public IReadOnlyList<string> Lines => [.. _lines];

    public static FaultProgram Start(params string[] arguments) => StartWith("", arguments);

    /// <param name="folders">Before the others in its PATH, each with a colon behind it.</param>
    public static FaultProgram StartWith(string folders, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "vpsadmin-fault-server.dll"), .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = folders + start.Environment["PATH"];
        return new FaultProgram(Process.Start(start)!);
    }

    /// <summary>Waits until it listens.</summary>
    public async Task<Uri> AddressAsync(CancellationToken cancel)
    {
        await Eventually.TrueAsync(() => _reading.IsCompleted || _lines.Any(static line => line.StartsWith(Listening, StringComparison.Ordinal)), cancel);
        var line = _lines.FirstOrDefault(static line => line.StartsWith(Listening, StringComparison.Ordinal));
        Assert.True(line is not null, line is null ? $"It ended before it listened: {await _error}" : null);
        return new Uri(line![Listening.Length..]);
    }

    /// <summary>SIGTERM.</summary>
    public async Task TerminateAsync(CancellationToken cancel)
    {
        using var kill = Process.Start("kill", ["-TERM", Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(cancel);
    }

    /// <summary>Waits for its end.</summary>
    public async Task<(int Code, string Error)> EndAsync(CancellationToken cancel)
    {
        await Eventually.TrueAsync(() => _process.HasExited, cancel);
        await _reading;
        return (_process.ExitCode, await _error);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
            _lines.Enqueue(line);
    }
}
