using MimeKit;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Mail;

/// <summary>The way mail takes out.</summary>
/// <param name="Host">Relay; null: this server sends no mail.</param>
/// <param name="From">Sender's address.</param>
/// <param name="RequireTls">Refuse a relay that does not encrypt (STARTTLS, or TLS on port 465).</param>
/// <param name="User">Null: without logging in.</param>
/// <param name="PasswordFile">File with the password of <paramref name="User"/>, readable by the server only.</param>
public sealed record MailOptions(
    string? Host = null, int Port = 587, string? From = null, bool RequireTls = true, string? User = null, string? PasswordFile = null)
{
    /// <exception cref="SetupException">Something is missing or cannot be right.</exception>
    public void Check()
    {
        if (Host is null)
            return;
        if (Port is < 1 or > 65535)
            throw new SetupException($"mail:port: {Port} is not a port.");
        if (From is null || !MailboxAddress.TryParse(From, out _))
            throw new SetupException($"mail:from: '{From}' is not an address that mail can come from.");
        if (User is not null && PasswordFile is null)
            throw new SetupException("mail:passwordfile: the file with the password of mail:user is missing.");
    }
}
