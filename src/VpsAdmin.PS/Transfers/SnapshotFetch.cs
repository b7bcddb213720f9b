using VpsAdmin.PS.Connections;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.Transfer;

namespace VpsAdmin.PS.Transfers;

/// <summary>One export from the server into a sink, and off the server afterwards.</summary>
/// <param name="keepOnServer">Leave the server's file, also on success.</param>
/// <param name="stopping">Somebody waits for the command to be gone.</param>
/// <param name="bar">Id of the progress bar: one for each transfer that runs.</param>
internal sealed class SnapshotFetch(
    VpsAdminConnection connection, ExportRequest request, TransferOptions options, bool keepOnServer, PipelineMessages messages, TimeProvider time,
    CancellationToken stopping, int bar = 1)
{
    private readonly ExportRemoval _removal = new(connection.Client, time);

    /// <param name="activity">For the progress bar.</param>
    /// <param name="openSink">Chooses the sink once the export is known.</param>
    /// <param name="hasPart">Tells, after a failure, whether the sink kept a part that a later run continues; null: such a sink never does.</param>
    public async Task<Fetched> RunAsync(string activity, Func<SnapshotExport, TransferSink> openSink, Func<bool>? hasPart, CancellationToken cancel)
    {
        using var progress = new TransferBar(messages, time, activity, bar);
        var export = await SnapshotExport.OpenAsync(connection.Client, request, options, time, progress, cancel).ConfigureAwait(false);
        messages.Verbose(export.Created ? $"The server makes download {export.Id}." : $"Download {export.Id} is on the server already; it is used.");
        TransferResult result;
        try
        {
            var sink = openSink(export);
            await using (sink.ConfigureAwait(false))
                result = await new SnapshotTransfer(connection.Downloads, options, time).RunAsync(export, sink, progress, cancel).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var isOfUse = !IsConflict(e) && hasPart?.Invoke() == true;
            var (warning, error) = await _removal.AfterFailureAsync(export, e, isOfUse, stopping).ConfigureAwait(false);
            Warn(warning);
            if (error is not null)
                throw error;
            throw;
        }

        if (!keepOnServer)
            Warn(await _removal.RunAsync(export, stopping).ConfigureAwait(false));
        return new Fetched(export.Download, result);
    }

    /// <summary>The file that is there, or the part of it, is another's.</summary>
    private static bool IsConflict(Exception e) => e is VpsAdminException or TransferException { Failure: TransferFailure.TargetConflict };

    private void Warn(string? warning)
    {
        if (warning is not null)
            messages.Warning(warning);
    }
}

/// <param name="Download">The server's record.</param>
internal sealed record Fetched(Client.SnapshotDownload Download, TransferResult Result);
