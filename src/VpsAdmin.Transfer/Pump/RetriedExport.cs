using VpsAdmin.HaveApi;

namespace VpsAdmin.Transfer.Pump;

/// <summary>The export as a sink sees it while it opens: the API's faults are borne like those of the file's server.</summary>
internal sealed class RetriedExport(IExport export, Faults faults) : IExport
{
    public long Id => export.Id;

    public bool IsEncrypted => export.IsEncrypted;

    public Task<ExportState> ReadStateAsync(CancellationToken cancel) => faults.ExecuteAsync(c => ReadOnceAsync(export, c), cancel);

    /// <exception cref="TransferFault">Another try makes sense.</exception>
    /// <exception cref="TransferException">It does not.</exception>
    public static async Task<ExportState> ReadOnceAsync(IExport export, CancellationToken cancel)
    {
        ExportState state;
        try
        {
            state = await export.ReadStateAsync(cancel).ConfigureAwait(false);
        }
        catch (HaveApiException e)
        {
            throw Faults.FromApi(e, $"reading the state of download {export.Id}");
        }
        catch (OperationCanceledException e) when (!cancel.IsCancellationRequested)
        {
            throw new TransferFault("The API did not answer in time.", e);
        }
        if (!state.Url.IsAbsoluteUri || (state.Url.Scheme != Uri.UriSchemeHttp && state.Url.Scheme != Uri.UriSchemeHttps))
            throw new TransferException(TransferFailure.BadResponse, $"Download {export.Id} has an address that is neither http nor https.");
        if (export.IsEncrypted && state.Url.Scheme == Uri.UriSchemeHttp && !state.Url.IsLoopback)
            throw new TransferException(TransferFailure.BadResponse, $"Download {export.Id} is on {state.Url.Authority} by http, though the API is reached by https: refused.");
        return state;
    }
}
