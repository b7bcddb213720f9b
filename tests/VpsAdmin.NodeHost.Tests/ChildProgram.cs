using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Threading.Channels;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>One of the programs as somebody starts it, in a process of its own.</summary>
internal sealed class ChildProgram : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly Process _process;
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Channel<string> _unread = Channel.CreateUnbounded<string>();
    private readonly Task<string> _error;

    private ChildProgram(Process process)
    {
        (_process, _error) = (process, process.StandardError.ReadToEndAsync());
        _ = ListenAsync();
    }

    public int Id => _process.Id;

    /// <summary>How often it has asked the kernel to read or to write something: a measure of how far it has come that goes by no clock. 0: it has ended.</summary>
    public long Calls
    {
        get
        {
            try
            {
                return File.ReadLines(string.Create(CultureInfo.InvariantCulture, $"/proc/{_process.Id}/io"))
                    .Where(static line => line.StartsWith("syscr:", StringComparison.Ordinal) || line.StartsWith("syscw:", StringComparison.Ordinal))
                    .Sum(static line => long.Parse(line.AsSpan("syscr:".Length), CultureInfo.InvariantCulture));
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }

    /// <summary>Waits until it has called the kernel so often, or something else has happened.</summary>
    public async Task CallsAsync(long calls, Func<bool> other, CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        while (Calls < calls && !other())
            await look.WaitForNextTickAsync(cancel);
    }

    /// <summary>What it has written so far.</summary>
    public string Output => string.Join('\n', _lines);

    /// <param name="program">Such as <c>vpsadmin-node</c>, of which there is one beside the tests; or the full path of a program.</param>
    /// <param name="path">A folder that comes first in its PATH; null: none.</param>
    public static ChildProgram Start(string program, string? path, params string[] arguments) => Start(Command(program, arguments), path);

    /// <summary>Starts it where another program is missing, whatever folders it is looked for in, and waits until it has said that it is at work.</summary>
    /// <param name="missing">Path of that program.</param>
    /// <param name="words">Of the line in which it says so.</param>
    public static Task<ChildProgram> StartWithoutAsync(string missing, string program, string words, CancellationToken cancel, params string[] arguments) =>
        // In a namespace where something that cannot be run is mounted on it.
        StartedAsync(Start(["unshare", "--mount", "sh", "-c", "mount --bind /dev/null \"$0\" && exec \"$@\"", missing, .. Command(program, arguments)], path: null), words, cancel);

    private static string[] Command(string program, string[] arguments) => Path.IsPathRooted(program)
        ? [program, .. arguments]
        : [Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) is "dotnet" ? host : "dotnet", Path.Combine(AppContext.BaseDirectory, program + ".dll"), .. arguments];

    private static ChildProgram Start(string[] command, string? path)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (path is not null)
            start.Environment["PATH"] = path + ":" + start.Environment["PATH"];
        return new(Process.Start(start)!);
    }

    /// <summary>Starts it and waits until it has said that it is at work; one that does not get there leaves nothing.</summary>
    /// <param name="words">Of the line in which it says so.</param>
    public static Task<ChildProgram> StartAsync(string program, string? path, string words, CancellationToken cancel, params string[] arguments) =>
        StartAsync(program, path, inside: null, words, cancel, arguments);

    /// <param name="inside">The command that has it run elsewhere, such as in another network; null: here.</param>
    public static Task<ChildProgram> StartAsync(string program, string? path, Func<string[], string[]>? inside, string words, CancellationToken cancel, params string[] arguments) =>
        StartedAsync(Start(inside?.Invoke(Command(program, arguments)) ?? Command(program, arguments), path), words, cancel);

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
        await using var child = Start(program, path: null, arguments);
        return (await child.EndAsync(cancel), child.Output, await child._error);
    }

    /// <summary>What it has written to standard error, when it has ended.</summary>
    public Task<string> ErrorAsync() => _error;

    /// <summary>The first line that has these words in it.</summary>
    public async Task<string> LineAsync(string words, CancellationToken cancel)
    {
        while (await _unread.Reader.WaitToReadAsync(cancel).AsTask().WaitAsync(Patience, cancel))
        {
            while (_unread.Reader.TryRead(out var line))
            {
                if (line.Contains(words, StringComparison.Ordinal))
                    return line;
            }
        }
        throw new InvalidOperationException($"The program ended before it said '{words}': {Output}\n{await _error}");
    }

    /// <summary>Waits for its end.</summary>
    public async Task<int> EndAsync(CancellationToken cancel)
    {
        while (await _unread.Reader.WaitToReadAsync(cancel).AsTask().WaitAsync(Patience, cancel))
            _unread.Reader.TryRead(out _);
        await _process.WaitForExitAsync(cancel).WaitAsync(Patience, cancel);
        return _process.ExitCode;
    }

    /// <summary>All the time: one that nobody listens to stops when the pipe is full.</summary>
    private async Task ListenAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _lines.Enqueue(line);
            _unread.Writer.TryWrite(line);
        }
        _unread.Writer.Complete();
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
