using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.HaveApi;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Mail;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Mail;

public sealed class DownloadMailTests : IAsyncLifetime
{
    private readonly MailRelay _relay = new();
    private RunningServer _server = null!;
    private HaveApiClient _api = null!;
    private long _snapshot;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private MailOptions Options => new("127.0.0.1", _relay.Port, "vpsAdmin <noreply@example.org>", RequireTls: false);

    public async ValueTask InitializeAsync()
    {
        _server = await RunningServer.StartAsync(configure: options => options with { Mail = Options });
        _api = await _server.ConnectAsAdministratorAsync();
        _snapshot = await _server.AddSnapshotAsync(await _server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        await _server.QueryAsync(db => db.Users.ExecuteUpdateAsync(static set => set.SetProperty(static u => u.Email, "joe@example.org"), Cancel));
    }

    public async ValueTask DisposeAsync()
    {
        _api.Dispose();
        await _server.DisposeAsync();
        await _relay.DisposeAsync();
    }

    [Fact]
    public async Task An_export_is_ready_when_its_mail_is_out()
    {
        var (download, chain) = await ExportAsync();
        _server.Node.SucceedDownload(await _server.Node.NextAsync(Cancel), 1 << 20);
        var mail = await _server.Node.NextAsync(Cancel);
        Assert.Equal((TransactionType.SendMail, "mail"), (mail.Type, mail.Queue));
        Assert.False((bool)(await ShowAsync(download))["ready"]!);

        _server.Node.Report(await SendAsync(mail));
        await _server.WaitForAsync(chain, ChainState.Done);
        var shown = await ShowAsync(download);
        Assert.True((bool)shown["ready"]!);

        var received = await _relay.NextAsync(Cancel);
        Assert.Equal("joe@example.org", received.To.Mailboxes.Single().Address);
        Assert.Equal("noreply@example.org", received.From.Mailboxes.Single().Address);
        Assert.Equal("Snapshot 2026-06-13T23:00:01 of 101 is ready for download", received.Subject);
        Assert.Contains((string)shown["url"]!, received.TextBody, StringComparison.Ordinal);
        Assert.DoesNotContain("{{", received.TextBody, StringComparison.Ordinal);
        Assert.EndsWith($".{mail.Id}@node1.example.org", received.MessageId, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_mail_that_cannot_be_sent_does_not_undo_the_export()
    {
        var (download, chain) = await ExportAsync();
        _server.Node.SucceedDownload(await _server.Node.NextAsync(Cancel), 1 << 20);
        _server.Node.Fail(await _server.Node.NextAsync(Cancel), "the relay is down");
        await _server.WaitForAsync(chain, ChainState.Done);
        Assert.True((bool)(await ShowAsync(download))["ready"]!);
    }

    [Fact]
    public async Task Of_an_export_that_failed_a_mail_tells_when_all_is_undone()
    {
        var (_, chain) = await ExportAsync();
        _server.Node.Fail(await _server.Node.NextAsync(Cancel));
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(chain, ChainState.Failed);

        var mail = await _server.Node.NextAsync(Cancel);
        var input = mail.Input.Deserialize(NodeJson.Default.SendMailInput)!;
        Assert.Equal("Snapshot 2026-06-13T23:00:01 of 101 could not be prepared for download", input.Subject);
        Assert.Contains($"chain: {chain}.", input.Body, StringComparison.Ordinal);
        _server.Node.Report(await SendAsync(mail));
        await _server.WaitForAsync(mail.ChainId, ChainState.Done);
        Assert.Equal(input.Subject, (await _relay.NextAsync(Cancel)).Subject);
    }

    [Fact]
    public async Task Of_an_export_that_was_called_off_nobody_is_told()
    {
        var (_, chain) = await ExportAsync();
        await _server.Node.NextAsync(Cancel);
        await _api.CancelAsync(chain, Cancel);
        _server.Node.Succeed(await _server.Node.NextAsync(Cancel));
        await _server.WaitForAsync(chain, ChainState.Failed);
        Assert.Equal(1, await _server.QueryAsync(db => db.TransactionChains.CountAsync(Cancel)));
    }

    [Fact]
    public async Task Who_does_not_want_a_mail_gets_none()
    {
        var (_, chain) = await ExportAsync(sendMail: false);
        _server.Node.SucceedDownload(await _server.Node.NextAsync(Cancel), 1 << 20);
        await _server.WaitForAsync(chain, ChainState.Done);
        Assert.True(_server.Node.IsIdle);
    }

    [Fact]
    public void A_name_with_line_ends_adds_no_head_to_a_mail()
    {
        var (subject, _) = MailTemplate.Render("snapshot_download_failed", new Dictionary<string, string>
        {
            ["login"] = "joe", ["dataset"] = "101\r\nBcc: all@example.org", ["snapshot"] = "a", ["format"] = "archive", ["chain"] = "7",
        });
        Assert.Equal("Snapshot a of 101 Bcc: all@example.org could not be prepared for download", subject);
    }

    [Theory]
    [InlineData(0, "a@example.org", null, "mail:port")]
    [InlineData(25, null, null, "mail:from")]
    [InlineData(25, "a@example.org", "joe", "mail:passwordfile")]
    public void Options_that_cannot_be_right_are_refused(int port, string? from, string? user, string named) =>
        Assert.StartsWith(named, Assert.Throws<SetupException>(() => new MailOptions("relay", port, from, User: user).Check()).Message, StringComparison.Ordinal);

    /// <summary>What the node in the server does with it.</summary>
    private async Task<TransactionFinished> SendAsync(TransactionMessage mail)
    {
        await new SendMailHandler(Options, "node1.example.org", TimeProvider.System).ExecuteAsync(mail, Cancel);
        return new TransactionFinished(mail.Id, Success: true, Output: null, Error: null);
    }

    private async Task<(long Download, long Chain)> ExportAsync(bool sendMail = true)
    {
        var reply = await _api.CallAsync("snapshot_download#create", [], new JsonObject { ["snapshot"] = _snapshot, ["send_mail"] = sendMail }, null, Cancel);
        return ((long)reply.Object!["id"]!, reply.ActionStateId!.Value);
    }

    private async Task<JsonObject> ShowAsync(long download) => (await _api.CallAsync("snapshot_download#show", [download], null, null, Cancel)).Object!;
}
