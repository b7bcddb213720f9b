using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace VpsAdmin.Node.Streams;

/// <summary>What the receiving end of one transfer has.</summary>
/// <param name="Certificate">PKCS #12 with its key, base64.</param>
/// <param name="Secret">What the sender has to say; 64 hex digits.</param>
public sealed record ReceiverCredential(string Certificate, string Secret)
{
    /// <summary>Tells nothing: it would end in a log.</summary>
    public override string ToString() => nameof(ReceiverCredential);
}

/// <summary>What the sending end of one transfer has.</summary>
/// <param name="Fingerprint">SHA-256 of the receiver's certificate; 64 hex digits.</param>
/// <param name="Secret">64 hex digits.</param>
public sealed record SenderCredential(string Fingerprint, string Secret)
{
    /// <summary>Tells nothing: it would end in a log.</summary>
    public override string ToString() => nameof(SenderCredential);
}

/// <summary>How the two ends of one transfer know each other: a certificate and a secret that are of this transfer and of no other.</summary>
/// <param name="Transfer">Its name, 32 hex digits. Not a secret: it is in clear in the first message of TLS.</param>
public sealed record StreamCredentials(string Transfer, ReceiverCredential Receiver, SenderCredential Sender)
{
    internal const int SecretSize = 32;

    // Who is at the other end is known by the certificate itself, never by what it says: it does not end (RFC 5280, 4.1.2.5) and clocks do not matter.
    private static readonly DateTimeOffset NoEnd = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    public static StreamCredentials Create()
    {
        var transfer = RandomNumberGenerator.GetHexString(32, lowercase: true);
        var secret = RandomNumberGenerator.GetHexString(2 * SecretSize, lowercase: true);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var certificate = new CertificateRequest($"CN={transfer}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UnixEpoch, NoEnd);
        return new(
            transfer,
            new(Convert.ToBase64String(certificate.Export(X509ContentType.Pkcs12)), secret),
            new(FingerprintOf(certificate), secret));
    }

    /// <summary>32 hex digits: usable as a file name and as a name of TLS.</summary>
    /// <exception cref="TransactionException">It is none.</exception>
    internal static string CheckName(string transfer) => transfer.Length == 32 && transfer.All(char.IsAsciiHexDigitLower)
        ? transfer
        : throw new TransactionException("The name of the transfer is not 32 lower-case hexadecimal digits.");

    /// <exception cref="TransactionException">It is no secret of a transfer. The secret is not repeated.</exception>
    internal static byte[] SecretOf(string secret) => secret.Length == 2 * SecretSize && secret.All(char.IsAsciiHexDigitLower)
        ? Convert.FromHexString(secret)
        : throw new TransactionException($"The secret of the transfer is not {2 * SecretSize} lower-case hexadecimal digits.");

    internal static string FingerprintOf(X509Certificate certificate) => Convert.ToHexStringLower(SHA256.HashData(certificate.GetRawCertData()));

    /// <exception cref="TransactionException">It is no certificate with a key.</exception>
    internal static X509Certificate2 CertificateOf(ReceiverCredential credential)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadPkcs12(Convert.FromBase64String(credential.Certificate), password: null);
            return certificate.HasPrivateKey ? certificate : throw new TransactionException("The certificate of the transfer has no key.");
        }
        catch (Exception e) when (e is CryptographicException or FormatException)
        {
            throw new TransactionException("The certificate of the transfer cannot be read.", e);
        }
    }
}
