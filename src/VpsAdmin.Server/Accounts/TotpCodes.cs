using OtpNet;

namespace VpsAdmin.Server.Accounts;

/// <summary>Codes of six digits from the time, a new one every 30 seconds (RFC 6238).</summary>
internal static class TotpCodes
{
    private const int SecretBytes = 20;

    /// <summary>The code before and the one after are taken too: clocks differ, and people type slowly.</summary>
    private static readonly VerificationWindow Neighbours = new(previous: 1, future: 1);

    /// <returns>Base32.</returns>
    public static string NewSecret() => Base32Encoding.ToString(KeyGeneration.GenerateRandomKey(SecretBytes)).TrimEnd('=');

    /// <summary>What a device reads as a QR code.</summary>
    public static string Uri(string secret, string login, string issuer) => new OtpUri(OtpType.Totp, secret, login, issuer).ToString();

    /// <returns>The step that the code is of; null: it is wrong.</returns>
    public static long? StepOf(string secret, string code, DateTimeOffset now) =>
        new Totp(Base32Encoding.ToBytes(secret)).VerifyTotp(now.UtcDateTime, code.Trim(), out var step, Neighbours) ? step : null;
}
