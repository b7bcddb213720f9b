namespace VpsAdmin.Transfer;

/// <param name="Sha256">64 lower-case hex digits, or null until the server knows.</param>
/// <param name="SizeMiB">Approximate until <paramref name="Ready"/>.</param>
public sealed record ExportState(Uri Url, bool Ready, string? Sha256, long? SizeMiB);

/// <summary>The server's file as the pump sees it: something whose state can be read while it grows.</summary>
public interface IExport
{
    /// <summary>Identity across runs: the download's id.</summary>
    long Id { get; }

    /// <summary>The API is reached by https, so that its file is not taken from where anybody in between reads it, and could put another in its place.</summary>
    bool IsEncrypted => false;

    /// <exception cref="TransferException"><see cref="TransferFailure.ExportVanished"/> on a definite "not found" only.</exception>
    /// <exception cref="VpsAdmin.HaveApi.HaveApiException">Anything else; the pump tries again when that makes sense.</exception>
    Task<ExportState> ReadStateAsync(CancellationToken cancel);
}
