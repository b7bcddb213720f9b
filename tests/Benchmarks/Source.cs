using VpsAdmin.Transfer;

namespace VpsAdmin.Benchmarks;

/// <summary>A file on a web server that is complete.</summary>
internal sealed record Source(Uri Url, string Sha256, long Bytes) : IExport
{
    public long Id => 1;

    public Task<ExportState> ReadStateAsync(CancellationToken cancel) => Task.FromResult(new ExportState(Url, Ready: true, Sha256, SizeMiB: Bytes >> 20));
}
