using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Downloads;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Mail;

/// <summary>Tells people what became of their exports, where they want to know and there is a way for mail.</summary>
public sealed class DownloadMail(ServerOptions options, Installation installation, ServerAddress address) : IChainEnd
{
    private static readonly IReadOnlyList<string> Formats = ["archive", "stream", "incremental stream"];

    /// <summary>Appends the mail about an export that is ready. One that cannot be sent does not undo the export (keep going).</summary>
    public void AppendReady(ChainBuilder chain, SnapshotDownload download)
    {
        if (options.Mail.Host is null || download.User.Email is not { Length: > 0 } to)
            return;
        var values = Values(download);
        values["url"] = DownloadFile.Url(address.BaseUrl, download.Pool, download.SecretKey, download.FileName);
        values["expiration_date"] = download.ExpirationDate.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        chain.Append(installation.NodeId, TransactionType.SendMail, Input(to, "snapshot_download_ready", values));
    }

    /// <summary>
    /// An export that failed gets its mail in a chain of its own: the one that failed is at its end. One that was called off has no error,
    /// and nobody who would have to be told.
    /// </summary>
    public async Task EndingAsync(VpsAdminDb db, ChainEnding ending, CancellationToken cancel)
    {
        var chain = ending.Chain;
        if (chain.State is not ChainState.Failed || !chain.Transactions.Exists(static t => t.Type is TransactionType.SendMail)
            || chain.Transactions.TrueForAll(static t => t.Error is null)
            || chain.Transactions.Find(static t => t.Type is TransactionType.DownloadSnapshot)?.SubjectId is not { } id)
            return;
        var download = await db.SnapshotDownloads.Include(static d => d.User).Include(static d => d.Snapshot!).ThenInclude(static s => s.Dataset)
            .SingleOrDefaultAsync(d => d.Id == id, cancel).ConfigureAwait(false);
        if (download?.User.Email is not { Length: > 0 } to)
            return;
        var values = Values(download);
        values["chain"] = chain.Id.ToString(CultureInfo.InvariantCulture);
        await ending.StartAsync(new("mail", "Mail"), chain.UserId, mail =>
        {
            mail.Append(installation.NodeId, TransactionType.SendMail, Input(to, "snapshot_download_failed", values));
            return Task.CompletedTask;
        }, cancel).ConfigureAwait(false);
    }

    private static Dictionary<string, string> Values(SnapshotDownload download) => new()
    {
        ["login"] = download.User.FullName ?? download.User.Login,
        ["dataset"] = download.Snapshot?.Dataset.FullName ?? "",
        ["snapshot"] = download.Snapshot?.Name ?? "",
        ["format"] = Formats[(int)download.Format],
        ["file_name"] = download.FileName,
    };

    private static System.Text.Json.Nodes.JsonNode Input(string to, string template, IReadOnlyDictionary<string, string> values)
    {
        var (subject, body) = MailTemplate.Render(template, values);
        return JsonSerializer.SerializeToNode(new SendMailInput(to, subject, body), NodeJson.Default.SendMailInput)!;
    }
}
