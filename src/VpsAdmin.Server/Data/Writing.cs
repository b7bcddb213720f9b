using System.Data.Common;
using Microsoft.EntityFrameworkCore.Storage;

namespace VpsAdmin.Server.Data;

/// <summary>A database transaction that keeps out those whom it would be in the way of; what was not committed is taken back when it is disposed.</summary>
internal sealed class Writing(IDbContextTransaction transaction, IDisposable? turn) : IAsyncDisposable
{
    public Task CommitAsync(CancellationToken cancel) => transaction.CommitAsync(cancel);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync().ConfigureAwait(false);
        }
        catch (DbException)
        {
            // SQLite has taken it back by itself when its disk was full (sqlite.org/lang_transaction.html, "Response to errors"): what failed first is what counts.
        }
        finally
        {
            turn?.Dispose();
        }
    }
}
