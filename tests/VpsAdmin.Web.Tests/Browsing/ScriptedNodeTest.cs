using Microsoft.Playwright;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Tests.Vpses;

namespace VpsAdmin.Web.Tests.Browsing;

/// <summary>A server for each test, whose node is the test's and runs VPSes.</summary>
public abstract class ScriptedNodeTest(Browser browser) : IAsyncLifetime
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected RunningServer Server { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync(configure: Configure);
        await Server.LetVpsesRunAsync();
    }

    protected virtual ServerOptions Configure(ServerOptions options) => options;

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected Task<Visit> VisitAsync() => browser.VisitAsync(Server.Url);

    protected async Task<string> AdministratorsPasswordAsync() => (await File.ReadAllTextAsync(Server.Installation.Data.AdminPassword, Cancel)).Trim();

    protected async Task<Visit> AsAdministratorAsync() => await AsAsync("admin", await AdministratorsPasswordAsync());

    protected async Task<Visit> AsAsync(string login, string password)
    {
        var visit = await VisitAsync();
        await visit.SignInAsync(login, password);
        await Assertions.Expect(visit.Heading).ToHaveTextAsync("Overview");
        return visit;
    }
}
