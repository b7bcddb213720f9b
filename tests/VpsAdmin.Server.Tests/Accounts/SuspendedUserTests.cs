using System.Net;
using System.Text.Json.Nodes;
using VpsAdmin.Client;
using VpsAdmin.HaveApi;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Accounts;

/// <summary>Who is suspended still gets at their data, and changes nothing (spec 1.5).</summary>
public sealed class SuspendedUserTests : AdministratorTests
{
    private HaveApiClient _joe = null!;
    private long _user;
    private long _dataset;
    private long _snapshot;

    protected override async Task PrepareAsync()
    {
        _user = await Server.AddUserAsync("joe");
        _dataset = await Server.AddDatasetAsync("data", _user);
        _snapshot = await Server.AddSnapshotAsync(_dataset, "2016-06-14T08:00:00");
        _joe = await Server.ConnectAsync("joe", "joe-password");
        await SetStateAsync("suspended");
    }

    [Fact]
    public async Task They_look_and_download_and_delete_no_download()
    {
        var joe = new VpsAdminClient(_joe);
        Assert.Equal("joe", (await joe.GetCurrentUserAsync(Cancel)).Login);
        Assert.Single(await joe.GetSnapshotsAsync(_dataset, Cancel));
        var (download, chain) = await joe.CreateDownloadAsync(_snapshot, null, ExportFormat.Stream, sendMail: false, Cancel);
        Server.Node.SucceedDownload(await Server.Node.NextAsync(Cancel), 1 << 20);
        await Server.WaitForAsync(chain!.Value, ChainState.Done);
        await RefusedAsync(() => joe.DeleteDownloadAsync(download.Id, Cancel));
        Assert.True((await joe.GetDownloadAsync(download.Id, Cancel)).Ready);
    }

    [Fact]
    public async Task They_change_nothing_until_they_are_active_again()
    {
        await RefusedAsync(() => _joe.CallAsync("dataset.snapshot#create", [_dataset], null, null, Cancel));
        await RefusedAsync(() => _joe.CallAsync("dataset.snapshot#delete", [_dataset, _snapshot], null, null, Cancel));
        await RefusedAsync(() => _joe.CallAsync("dataset#update", [_dataset], new JsonObject { ["atime"] = false }, null, Cancel));
        Assert.True(Server.Node.IsIdle);
        await SetStateAsync("active");
        Assert.NotNull((await _joe.CallAsync("dataset.snapshot#create", [_dataset], null, null, Cancel)).ActionStateId);
    }

    [Fact]
    public async Task They_log_in_anew_and_out()
    {
        using var again = await Server.ConnectAsync("joe", "joe-password");
        await again.LogoutAsync(Cancel);
    }

    [Fact]
    public async Task Nobody_suspends_themselves_and_nobody_else_than_an_administrator_does()
    {
        var admin = (long)(await Api.CallAsync("user#current", [], null, null, Cancel)).Object["id"]!;
        await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("user#update", [admin], new JsonObject { ["object_state"] = "suspended" }, null, Cancel));
        await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("user#update", [admin], new JsonObject { ["level"] = 1 }, null, Cancel));
        await SetStateAsync("active");
        await Assert.ThrowsAnyAsync<HaveApiException>(() => _joe.CallAsync("user#update", [_user], new JsonObject { ["level"] = 99 }, null, Cancel));
        Assert.Equal(1, (int)(await Api.CallAsync("user#show", [_user], null, null, Cancel)).Object["level"]!);
    }

    [Fact]
    public async Task A_user_gets_another_name_and_address_and_none_that_mail_does_not_go_to()
    {
        var changed = (await Api.CallAsync("user#update", [_user], new JsonObject { ["full_name"] = "Joe", ["email"] = "joe@example.org" }, null, Cancel)).Object;
        Assert.Equal(("Joe", "joe@example.org", "suspended"), ((string?)changed["full_name"], (string?)changed["email"], (string?)changed["object_state"]));
        var refused = await Assert.ThrowsAsync<ActionFailedException>(() => Api.CallAsync("user#update", [_user], new JsonObject { ["email"] = "@" }, null, Cancel));
        Assert.Equal(["email"], refused.Errors.Keys);
    }

    private Task<ActionResult> SetStateAsync(string state) => Api.CallAsync("user#update", [_user], new JsonObject { ["object_state"] = state }, null, Cancel);

    private static async Task RefusedAsync(Func<Task> call)
    {
        var refused = await Assert.ThrowsAsync<ActionFailedException>(call);
        Assert.Equal(HttpStatusCode.Forbidden, refused.HttpStatus);
        Assert.Contains("suspended", refused.ServerMessage, StringComparison.Ordinal);
    }
}
