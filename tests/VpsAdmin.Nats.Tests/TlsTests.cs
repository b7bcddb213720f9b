using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging.Abstractions;
using NATS.Client.Core;
using VpsAdmin.Lab;

namespace VpsAdmin.Nats.Tests;

/// <summary>A broker that is only to be reached through TLS, with a certificate of an authority that the system does not know.</summary>
public sealed class TlsTests : IAsyncLifetime
{
    private const string Name = "node2.example.org";

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-tls-").FullName;
    private NatsBroker _broker = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private string Ca => Path.Combine(_folder, "ca.pem");

    private string WrongCa => Path.Combine(_folder, "wrong.pem");

    public async ValueTask InitializeAsync()
    {
        using var authority = await AuthorityAsync(Ca);
        (await AuthorityAsync(WrongCa)).Dispose();
        var (certificate, key) = (Path.Combine(_folder, "broker.pem"), Path.Combine(_folder, "broker.key"));
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=broker", pair, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var signed = request.Create(authority, authority.NotBefore, authority.NotAfter, [1]);
        await File.WriteAllTextAsync(certificate, signed.ExportCertificatePem(), Cancel);
        await File.WriteAllTextAsync(key, pair.ExportPkcs8PrivateKeyPem(), Cancel);
        _broker = await NatsBroker.StartAsync(Cancel, $$"""tls { cert_file: "{{certificate}}", key_file: "{{key}}" }""");
        Assert.SkipUnless(_broker.Available, _broker.Reason ?? "");
    }

    public async ValueTask DisposeAsync()
    {
        if (_broker is not null)
            await _broker.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Theory]
    [InlineData("nats")]
    [InlineData("tls")]
    public async Task A_server_and_a_node_that_know_the_authority_work_through_it(string scheme)
    {
        var settings = new NatsSettings(_broker.Url.Replace("nats", scheme, StringComparison.Ordinal), CaFile: Ca);
        await using var server = await NatsLink.ConnectAsync(settings, "server", TimeProvider.System, Cancel);
        await NatsBus.OpenAsync(server, NullLogger.Instance, Cancel);
        await using var node = await NatsLink.ConnectAsync(settings with { Node = Name }, Name, TimeProvider.System, Cancel);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var reception = Introductions.AnswerAsync(
            server, static (_, _) => Task.FromResult(new NodeWelcome(null, 2, new Dictionary<string, long>())), NullLogger.Instance, stop.Token);
        Assert.Equal(2, (await Introductions.IntroduceAsync(node, new NodeHello(Name, ["tank/vps"], "http://127.0.0.1:1"), NullLogger.Instance, Cancel)).NodeId);
        await stop.CancelAsync();
        await reception;
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task With_a_wrong_authority_and_without_one_nobody_connects_and_the_message_says_why(bool wrong)
    {
        var settings = new NatsSettings(_broker.Url, CaFile: wrong ? WrongCa : null);
        var refused = await Assert.ThrowsAnyAsync<NatsException>(() => NatsLink.ConnectAsync(settings, "server", TimeProvider.System, Cancel));
        Assert.StartsWith("The remote certificate", refused.Message, StringComparison.Ordinal);
        Assert.Contains(wrong ? $"The authority in '{WrongCa}' has to have signed" : "--nats-ca tells which one has", refused.Message, StringComparison.Ordinal);
    }

    /// <summary>Makes an authority; its certificate is in the file.</summary>
    private static async Task<X509Certificate2> AuthorityAsync(string file)
    {
        using var pair = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={Path.GetFileNameWithoutExtension(file)}", pair, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        var now = DateTimeOffset.UtcNow;
        var authority = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        await File.WriteAllTextAsync(file, authority.ExportCertificatePem(), Cancel);
        return authority;
    }
}
