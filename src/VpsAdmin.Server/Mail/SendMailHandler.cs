using System.Text.Json.Nodes;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using VpsAdmin.Node;
using VpsAdmin.Node.Handlers;

namespace VpsAdmin.Server.Mail;

/// <summary>
/// 9001: gives a mail to the relay. A mail that is delivered again has the same Message-Id, by which relays and readers know it.
/// </summary>
internal sealed class SendMailHandler(MailOptions options, string domain, TimeProvider time)
    : TransactionHandler<SendMailInput>(TransactionType.SendMail, NodeJson.Default.SendMailInput)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, SendMailInput input, CancellationToken cancel)
    {
        using var mail = new MimeMessage
        {
            Subject = input.Subject,
            Body = new TextPart("plain") { Text = input.Body },
            Date = time.GetUtcNow(),
            MessageId = $"{message.Installation ?? "vpsadmin"}.{message.Id}@{domain}",
        };
        mail.From.Add(MailboxAddress.Parse(options.From!));
        mail.To.Add(MailboxAddress.Parse(input.To));
        mail.Headers.Add("Auto-Submitted", "auto-generated");

        using var relay = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        var security = options.Port == 465 ? SecureSocketOptions.SslOnConnect
            : options.RequireTls ? SecureSocketOptions.StartTls : SecureSocketOptions.StartTlsWhenAvailable;
        await relay.ConnectAsync(options.Host!, options.Port, security, cancel).ConfigureAwait(false);
        if (options.User is not null)
            await relay.AuthenticateAsync(options.User, SecretFile.Read(options.PasswordFile!), cancel).ConfigureAwait(false);
        await relay.SendAsync(mail, cancel).ConfigureAwait(false);
        await relay.DisconnectAsync(quit: true, cancel).ConfigureAwait(false);
        return null;
    }

    /// <summary>What was sent was sent; the chain goes on without it.</summary>
    protected override Task RollbackAsync(TransactionMessage message, SendMailInput input, CancellationToken cancel) => Task.CompletedTask;
}
