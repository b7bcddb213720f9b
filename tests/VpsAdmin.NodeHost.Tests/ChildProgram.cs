using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>One of the programs as somebody starts it, in a process of its own.</summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Task<string> _error;

    private ChildProgram(Process process) => (_process, _error) = (process, process.StandardError.ReadToEndAsync());

    public int Id => _process.Id;

    /// <summary>What it has written so far.</summary>
    public string Output => string.Join('\n', _lines);

    /// <param name="program">Such as <c>vpsadmin-node</c>.</param>
    /// <param name="path">A folder that comes first in its PATH, or is all of it; null: none.</param>
    /// <param name="isAllOfPath">There are no other programs.</param>
    public static ChildProgram Start(string program, string? path, bool isAllOfPath, params string[] arguments)
    {
        string[] all = [Path.Combine(AppContext.BaseDirectory, program + ".dll"), .. arguments];
        var start = new ProcessStartInfo(Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) is "dotnet" ? host : "dotnet", all)
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        if (path is not null)
            start.Environment["PATH"] = isAllOfPath ? path : path + ":" + start.Environment["PATH"];
        return new(Process.Start(start)!);
    }

    /// <summary>Starts it and waits until it has said that it is at work; one that does not get there leaves nothing.</summary>
    /// <param name="words">Of the line in which it says so.</param>
    public static Task<ChildProgram> StartAsync(string program, string? path, string words, CancellationToken cancel, params string[] arguments) =>
        StartedAsync(Start(program, path, isAllOfPath: false, arguments), words, cancel);

    /// <summary>The same on a machine that has no programs but those in a folder.</summary>
    public static Task<ChildProgram> StartAloneAsync(string program, string path, string words, CancellationToken cancel, params string[] arguments) =>
        StartedAsync(Start(program, path, isAllOfPath: true, arguments), words, cancel);

    private static async Task<ChildProgram> StartedAsync(ChildProgram child, string words, CancellationToken cancel)
    {
        try
        {
            await child.LineAsync(words, cancel);
            return child;
        }
        catch
        {
            await child.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Status, string Output, string Error)> RunAsync(string program, CancellationToken cancel, params string[] arguments)
    {
        await using var child = Start(program, path: null, isAllOfPath: false, arguments);
        return (await child.EndAsync(cancel), child.Output, await child._error);
    }

    /// <summary>The first line that has these words in it.</summary>
    public async Task<string> LineAsync(string words, CancellationToken cancel)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(Patience, cancel) is { } line)
        {
            _lines.Enqueue(line);
            if (line.Contains(words, StringComparison.Ordinal))
                return line;
        }
        throw new InvalidOperationException($"The program ended before it said '{words}': {Output}\n{await _error}");
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> EndAsync(CancellationToken cancel)
    {
        while (await _process.StandardOutput.ReadLineAsync(cancel).AsTask().WaitAsync(Patience, cancel) is { } line)
            _lines.Enqueue(line);
        await _process.WaitForExitAsync(cancel).WaitAsync(Patience, cancel);
        return _process.ExitCode;
    }

    public async Task SignalAsync(string signal)
    {
        using var kill = Process.Start("kill", ["-s", signal, _process.Id.ToString(CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync(CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
            await SignalAsync("TERM");
        try
        {
            await EndAsync(CancellationToken.None);
        }
        catch (TimeoutException)
        {
            _process.Kill();
            throw;
        }
        finally
        {
            _process.Dispose();
        }
    }
}
