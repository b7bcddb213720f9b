using System.Net;
using System.Net.Sockets;

namespace VpsAdmin.Backup.Tests.Telling;

/// <summary>An HTTP server on the loopback that notes what it is told.</summary>
internal sealed class Watcher : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly HttpStatusCode _status;
    private readonly Task _serving;

    public Watcher(HttpStatusCode status = HttpStatusCode.OK)
    {
        _status = status;
        Address = Listen();
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public List<(string Line, string Body)> Requests { get; } = [];

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait();
    }

    /// <summary>HttpListener cannot choose a port itself, and one that was free may be taken a moment later.</summary>
    private Uri Listen()
    {
        for (var attempt = 0; ; attempt++)
        {
            using var probe = new TcpListener(IPAddress.Loopback, 0);
            probe.Start();
            var address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}/";
            probe.Stop();
            _listener.Prefixes.Clear();
            _listener.Prefixes.Add(address);
            try
            {
                _listener.Start();
                return new Uri(address);
            }
            catch (HttpListenerException) when (attempt < 10)
            {
            }
        }
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using var reader = new StreamReader(context.Request.InputStream);
                Requests.Add(($"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}", await reader.ReadToEndAsync()));
                context.Response.StatusCode = (int)_status;
                context.Response.Close();
            }
        }
        catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
        {
            // Closed.
        }
    }
}
