using System.Diagnostics.Metrics;

namespace VpsAdmin.Server.Hosting.Telemetry;

/// <summary>Bytes of exports that went out, as they go.</summary>
internal sealed class DownloadMeter(IMeterFactory meters)
{
    private readonly Counter<long> _served = meters.Create(TelemetryHosting.Name).CreateCounter<long>("vpsadmin.download.served", "By", "Bytes of downloads that were served");

    public void Watch(HttpContext http) => http.Response.Body = new Watched(http.Response.Body, _served);

    private sealed class Watched(Stream inner, Counter<long> served) : Stream
    {
        public override bool CanRead => false;
        public override bool CanSeek => false;
        public override bool CanWrite => true;
        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await inner.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
            served.Add(buffer.Length);
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count)
        {
            inner.Write(buffer, offset, count);
            served.Add(count);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

        public override void Flush() => inner.Flush();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}
