using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace VpsAdmin.Server.Postgres.Tests;

/// <summary>A log that can be waited for.</summary>
internal sealed class LoggedLines<T> : ILogger<T>
{
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();

    /// <summary>Completes when a line with these words is written, or was since the last that was waited for.</summary>
    public async Task WaitForAsync(string words, CancellationToken cancel)
    {
        while (!(await _lines.Reader.ReadAsync(cancel)).Contains(words, StringComparison.Ordinal))
        {
        }
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
        _lines.Writer.TryWrite(formatter(state, exception));
}
