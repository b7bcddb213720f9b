using System.Net;
using Microsoft.AspNetCore.Http;
using VpsAdmin.Client;
using VpsAdmin.Client.Tests;
using VpsAdmin.Scripted;

namespace VpsAdmin.Transfer.Tests;

/// <summary>Which exports are taken off the server, and what is said of those that are not.</summary>
public sealed class ExportRemovalTests
{
    private const string List = "GET /v7.0/snapshot_downloads";
    private const string Create = "POST /v7.0/snapshot_downloads";
    private const string Delete = "DELETE /v7.0/snapshot_downloads/7";
    private const string CurrentUser = "GET /v7.0/users/current";

    private static readonly TransferException Damage = new(TransferFailure.ChecksumMismatch, "The SHA-256 differs.");
    private static readonly TransferException Fault = new(TransferFailure.RetriesExhausted, "The network is gone.");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_locked_export_is_tried_again_for_a_while()
    {
        await using var vpsadmin = await ConnectAsync(created: true);
        vpsadmin.Server.On(Delete, Locked, Locked, Answer.Ok("{}"));
        Assert.Null(await Removal(vpsadmin).RunAsync(await OpenAsync(vpsadmin), Cancel));
        Assert.Equal(3, Deletes(vpsadmin));
    }

    [Fact]
    public async Task One_that_stays_locked_is_left_with_the_servers_words_soon_when_somebody_waits()
    {
        await using var vpsadmin = await ConnectAsync(created: true);
        vpsadmin.Server.On(Delete, Locked);
        using var stopping = new CancellationTokenSource();
        await stopping.CancelAsync();
        var warning = await Removal(vpsadmin).RunAsync(await OpenAsync(vpsadmin), stopping.Token);
        Assert.Contains("Resource is locked", warning, StringComparison.Ordinal);
        Assert.True(Deletes(vpsadmin) > 0);
    }

    [Fact]
    public async Task A_server_that_refuses_for_good_is_asked_once()
    {
        await using var vpsadmin = await ConnectAsync(created: true);
        vpsadmin.Server.On(Delete, Answer.Refuse(403, "Access denied"));
        Assert.Contains("Access denied", await Removal(vpsadmin).RunAsync(await OpenAsync(vpsadmin), Cancel), StringComparison.Ordinal);
        Assert.Equal(1, Deletes(vpsadmin));
    }

    [Fact]
    public async Task A_joined_export_that_is_damaged_is_removed_so_that_the_next_run_makes_a_new_one()
    {
        await using var vpsadmin = await ConnectAsync(created: false, user: 3);
        vpsadmin.Server.On(Delete, Answer.Ok("{}"));
        Assert.Equal((null, null), await Removal(vpsadmin).AfterFailureAsync(await OpenAsync(vpsadmin), Damage, isOfUse: false, Cancel));
        Assert.Equal(1, Deletes(vpsadmin));
    }

    [Fact]
    public async Task A_damaged_one_of_somebody_else_stays_and_the_error_says_so()
    {
        await using var vpsadmin = await ConnectAsync(created: false, user: 4);
        var (warning, error) = await Removal(vpsadmin).AfterFailureAsync(await OpenAsync(vpsadmin), Damage, isOfUse: false, Cancel);
        Assert.Null(warning);
        Assert.Equal(TransferFailure.ChecksumMismatch, error?.Failure);
        Assert.StartsWith("The SHA-256 differs. Download 7 belongs to user", error!.Message, StringComparison.Ordinal);
        Assert.Equal(0, Deletes(vpsadmin));
    }

    [Theory]
    [InlineData(false, false, 0)]
    [InlineData(true, true, 0)]
    [InlineData(true, false, 1)]
    public async Task After_another_failure_only_what_this_run_made_goes_and_only_if_it_is_of_no_more_use(bool created, bool isOfUse, int deletes)
    {
        await using var vpsadmin = await ConnectAsync(created, user: 3);
        vpsadmin.Server.On(Delete, Answer.Ok("{}"));
        Assert.Equal((null, null), await Removal(vpsadmin).AfterFailureAsync(await OpenAsync(vpsadmin), Fault, isOfUse, Cancel));
        Assert.Equal(deletes, Deletes(vpsadmin));
    }

    [Fact]
    public async Task A_server_that_does_not_tell_who_asks_is_a_warning()
    {
        await using var vpsadmin = await ConnectAsync(created: false);
        vpsadmin.Server.On(CurrentUser, Answer.Text((int)HttpStatusCode.BadGateway, "text/html", "<h1>Bad gateway</h1>"));
        Assert.Contains("Download 7 was left", await Removal(vpsadmin).RunAsync(await OpenAsync(vpsadmin), Cancel), StringComparison.Ordinal);
        Assert.Equal(0, Deletes(vpsadmin));
    }

    private static RequestDelegate Locked => Answer.Refuse(423, "Resource is locked");

    private static ExportRemoval Removal(Connected vpsadmin) => new(vpsadmin.Client, TimeProvider.System);

    private static int Deletes(Connected vpsadmin) => vpsadmin.Calls.Count(static c => c.StartsWith("DELETE", StringComparison.Ordinal));

    private static async Task<Connected> ConnectAsync(bool created, int user = 0)
    {
        var vpsadmin = await Connected.ToNewAsync();
        vpsadmin.Server.On(List, Answer.Ok($$"""{"snapshot_downloads":[{{(created ? "" : Replies.Download)}}]}"""));
        vpsadmin.Server.On(Create, Answer.Ok($$"""{"snapshot_download":{{Replies.Download}}}"""));
        if (user != 0)
            vpsadmin.On(CurrentUser, $$"""{"user":{{Replies.With(Replies.User, "id", $"{user}")}}}""");
        return vpsadmin;
    }

    private static Task<SnapshotExport> OpenAsync(Connected vpsadmin) =>
        SnapshotExport.OpenAsync(vpsadmin.Client, new ExportRequest(42, 41, ExportFormat.IncrementalStream), new TransferOptions(), TimeProvider.System, null, Cancel);
}
