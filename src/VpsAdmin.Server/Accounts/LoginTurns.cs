namespace VpsAdmin.Server.Accounts;

/// <summary>Lets in one at a time for each account as seen from one network. Keeps nothing of those that nobody waits for.</summary>
internal sealed class LoginTurns
{
    private readonly Lock _lock = new();
    private readonly Dictionary<(string Login, string Network), Line> _lines = [];

    /// <summary>Waits for its turn; disposing ends it.</summary>
    public async Task<IDisposable> TakeAsync((string Login, string Network) account, CancellationToken cancel)
    {
        Line line;
        lock (_lock)
        {
            if (!_lines.TryGetValue(account, out line!))
                _lines[account] = line = new();
            line.Length++;
        }
        try
        {
            await line.Gate.WaitAsync(cancel).ConfigureAwait(false);
            return new Turn(this, account, line);
        }
        catch
        {
            Leave(account, line);
            throw;
        }
    }

    private void Leave((string Login, string Network) account, Line line)
    {
        lock (_lock)
        {
            if (--line.Length == 0)
                _lines.Remove(account);
        }
    }

    private sealed class Line
    {
        public SemaphoreSlim Gate { get; } = new(1, 1);

        /// <summary>Those who wait, and who is in.</summary>
        public int Length { get; set; }
    }

    private sealed class Turn(LoginTurns turns, (string, string) account, Line line) : IDisposable
    {
        private int _isOver;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _isOver, 1) != 0)
                return;
            line.Gate.Release();
            turns.Leave(account, line);
        }
    }
}
