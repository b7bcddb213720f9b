using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Time.Testing;
using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Web.Tests;

public sealed class LiveSessionTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_page_that_is_left_open_does_not_keep_its_session_alive()
    {
        var time = new FakeTimeProvider(new DateTimeOffset(2026, 6, 13, 12, 0, 0, TimeSpan.Zero));
        await using var server = await RunningServer.StartAsync(time);
        var issued = await server.UseAsync<TokenStore, IssuedToken>(static (tokens, _) =>
            tokens.IssueAsync(1, new TokenTerms("renewable_auto", TimeSpan.FromHours(12)) { AuthType = "web", Client = new VpsAdmin.Server.Api.Client("127.0.0.1", null) }, Cancel));
        using var browser = new HttpClient { BaseAddress = server.Url };
        browser.DefaultRequestHeaders.Add("Cookie", $"vpsadmin-session={issued.Token}");

        time.Advance(TimeSpan.FromHours(6));
        await using (var events = await browser.GetStreamAsync(new Uri("web/live/running", UriKind.Relative), Cancel))
        {
            using var reader = new StreamReader(events);
            Assert.StartsWith("data:", await reader.ReadLineAsync(Cancel), StringComparison.Ordinal);
        }
        Assert.Equal(issued.ValidTo, await ValidToAsync(server));

        // Who looks at the next page does.
        Assert.Contains("Overview", await browser.GetStringAsync(new Uri("web", UriKind.Relative), Cancel), StringComparison.Ordinal);
        Assert.Equal(issued.ValidTo + TimeSpan.FromHours(6), await ValidToAsync(server));
    }

    private static Task<DateTimeOffset?> ValidToAsync(RunningServer server) => server.QueryAsync(static db => db.AuthTokens.Select(static t => t.ValidTo).SingleAsync(Cancel));
}
