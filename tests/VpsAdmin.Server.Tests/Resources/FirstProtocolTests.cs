using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Resources;

/// <summary>The whole server for clients of 2016.</summary>
public sealed class FirstProtocolTests : IAsyncLifetime
{
    private RunningServer _server = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(protocol: HaveApiProtocol.First);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Pages_are_counted_in_the_order_of_the_whole_list()
    {
        var joe = await _server.AddUserAsync("joe");
        foreach (var name in new[] { "d", "b", "c", "a" }) await _server.AddDatasetAsync(name, joe);
        using var client = await LogInAsync();
        var whole = await NamesAsync(new JsonObject());
        Assert.Equal(4, whole.Count);
        var paged = new List<string>();
        for (var offset = 0; offset < 6; offset += 3) paged.AddRange(await NamesAsync(new JsonObject { ["offset"] = offset, ["limit"] = 3 }));
        Assert.Equal(whole, paged);
        Assert.Equal(whole.Take(2), await NamesAsync(new JsonObject { ["limit"] = 2 }));

        async Task<IReadOnlyList<string>> NamesAsync(JsonObject input) =>
            [.. (await client.CallAsync("dataset#index", [], input, null, Cancel)).List.Select(d => d["name"]!.GetValue<string>())];
    }

    [Fact]
    public async Task Who_has_a_second_factor_is_not_let_in_without_it()
    {
        var joe = await _server.AddUserAsync("joe");
        await _server.QueryAsync(async db =>
        {
            db.TotpDevices.Add(new() { UserId = joe, Label = "phone", Secret = "JBSWY3DPEHPK3PXP", Confirmed = true, Enabled = true, CreatedAt = DateTimeOffset.UnixEpoch });
            return await db.SaveChangesAsync(Cancel);
        });
        var refused = await Assert.ThrowsAsync<ActionFailedException>(LogInAsync);
        Assert.Equal("this user logs in with a second step, which protocol 1.0 does not have", refused.ServerMessage);
        Assert.Equal(0, await _server.QueryAsync(db => Task.FromResult(db.AuthTokens.Count())));
    }

    private Task<HaveApiClient> LogInAsync() => HaveApiClient.ConnectAsync(
        _server.Url, TokenAuthentication.Request("joe", "joe-password", TokenLifetime.Fixed, TimeSpan.FromMinutes(5)), null, null, Cancel);
}
