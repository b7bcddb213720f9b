using NATS.Client.Core;
using VpsAdmin.Node;

namespace VpsAdmin.Nats;

/// <summary>How the broker is reached.</summary>
/// <param name="Url">Such as <c>tls://nats.example.org:4222</c>; without credentials in it. Of a cluster several, with commas between.</param>
/// <param name="CredentialsFile">NATS's own <c>.creds</c> file, or one line <c>user:password</c>; null: the broker asks for none.</param>
/// <param name="CaFile">PEM of the authority that signed the broker's certificate; null: those of the system.</param>
public sealed record NatsSettings(string Url, string? CredentialsFile = null, string? CaFile = null)
{
    /// <summary>The node that connects; null: the server.</summary>
    public string? Node { get; init; }

    private const string JwtHeader = "-----BEGIN NATS USER JWT-----";

    /// <summary>How long work may be silent before another process of the node gets it; its holder speaks up three times in that.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>On how many servers of a cluster each message is kept; an odd number. More than half of them have to be there.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>What is wrong with the address, in words; null: nothing.</summary>
    public static string? Fault(string url) => url.Split(',', StringSplitOptions.TrimEntries).Select(FaultOfOne).FirstOrDefault(static fault => fault is not null);

    private static string? FaultOfOne(string url) =>
        !Uri.TryCreate(url, UriKind.Absolute, out var uri) || uri.Scheme is not ("nats" or "tls") || uri.Host is ""
            ? $"'{url}' is not the address of a NATS broker, such as nats://127.0.0.1:4222."
            : uri.UserInfo is not "" ? "The broker's password is in its address, where everybody can read it; put it into a file." : null;

    /// <summary>What to look at when the broker's certificate is not accepted.</summary>
    internal string CertificateAdvice => CaFile is null
        ? "Where no authority that this system knows has signed the broker's certificate, --nats-ca tells which one has."
        : $"The authority in '{CaFile}' has to have signed the broker's certificate, for the name in its address.";

    /// <exception cref="IOException">A file cannot be read.</exception>
    /// <exception cref="InvalidDataException">The credentials are neither of the two forms.</exception>
    internal NatsOpts Options(string name) => NatsOpts.Default with
    {
        Url = Url,
        Name = name,
        InboxPrefix = Node is null ? NatsOpts.Default.InboxPrefix : Subjects.Inbox(Node),
        AuthOpts = Authentication(),
        TlsOpts = CaFile is null ? NatsTlsOpts.Default : new NatsTlsOpts { CaFile = CaFile, Mode = TlsMode.Require },
    };

    private NatsAuthOpts Authentication()
    {
        if (CredentialsFile is null)
            return NatsAuthOpts.Default;
        var text = SecretFile.Read(CredentialsFile);
        if (text.StartsWith(JwtHeader, StringComparison.Ordinal))
            return new NatsAuthOpts { CredsFile = CredentialsFile };
        return text.Split(':', 2) is [{ Length: > 0 } user, { Length: > 0 } password] && !text.Contains('\n', StringComparison.Ordinal)
            ? new NatsAuthOpts { Username = user, Password = password }
            : throw new InvalidDataException($"'{CredentialsFile}' is neither a .creds file of NATS nor one line user:password.");
    }
}
