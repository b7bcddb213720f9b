using System.Management.Automation;
using System.Text.RegularExpressions;
using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;
using VpsAdmin.Server.Tests.Accounts;

namespace VpsAdmin.PS.Tests.Connections;

/// <summary>Logging in to our own server by its login page, which somebody fills in with a browser.</summary>
public sealed partial class OAuthConnectionTests(LabFixture lab) : ConnectionTest
{
    private const string LogIn = "param($Uri, $Client) Connect-VpsAdmin $Uri -OAuth -ClientId $Client";

    // A browser of whoever runs the tests is not to be opened.
    private const string Screenless = "$env:DISPLAY = $env:WAYLAND_DISPLAY = $null";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_login_in_the_browser_is_kept_goes_on_in_a_later_process_and_is_ended_for_good()
    {
        using var other = await lab.ConnectAsync();
        await RegisterAsync("engine");
        var session = NewSession();
        using (var browser = new LoginBrowser([("user", "admin"), ("password", lab.Server.Password)]))
            Assert.Empty((await LoginAsync(session, browser, "engine", " -Name web -Save")).Select(e => e.ToString()));
        Assert.Equal("admin", session.Run("Invoke-VpsAdminAction user current").Single.Get<string>("login"));

        var later = NewSession();
        Assert.Equal("admin", later.Run("Invoke-VpsAdminAction user current").Single.Get<string>("login"));
        Assert.Empty(later.Run("Disconnect-VpsAdmin web -Forget").Errors.Select(e => e.ToString()));
        Assert.Equal("NotConnected", NewSession().Terminating("Get-Vps").Id());
        Assert.Equal("NotAuthenticated", session.Run("Invoke-VpsAdminAction user current").ErrorId);
    }

    [Fact]
    public async Task A_wrong_password_is_asked_for_again_on_the_page()
    {
        using var other = await lab.ConnectAsync();
        await RegisterAsync("patient");
        var session = NewSession();
        using var browser = new LoginBrowser([("user", "admin"), ("password", "wrong")], [("user", "admin"), ("password", lab.Server.Password)]);
        Assert.Empty((await LoginAsync(session, browser, "patient")).Select(e => e.ToString()));
        Assert.Equal(2, browser.Pages.Count);
        Assert.Equal("admin", session.Run("Invoke-VpsAdminAction user current").Single.Get<string>("login"));
    }

    /// <summary>Runs the command, and goes with the browser where it says.</summary>
    private async Task<IReadOnlyList<ErrorRecord>> LoginAsync(EngineSession session, LoginBrowser browser, string client, string more = "")
    {
        session.Run(Screenless);
        using var shell = session.Prepare(LogIn + more, ("Uri", lab.Server.Uri), ("Client", client));
        var running = shell.BeginInvoke();
        await Eventually.Async(() => running.IsCompleted || Page(shell) is not null, Cancel);
        if (Page(shell) is { } page)
            await browser.BrowseAsync(page, Cancel);
        await Task.Factory.FromAsync(running, shell.EndInvoke);
        return [.. shell.Streams.Error];
    }

    // Copied: the stream's own enumerator waits for the end of the command.
    private static Uri? Page(PowerShell shell) =>
        shell.Streams.Information.ToArray().Select(static i => Address().Match($"{i.MessageData}")).FirstOrDefault(static m => m.Success) is { } match ? new Uri(match.Value) : null;

    /// <summary>With the program that the module started the server with.</summary>
    private async Task RegisterAsync(string client)
    {
        var (code, output, error) = await ProgramRun.RunAsync(Repository.Server, ["oauth", "client", "add", client, "--name", "Engine", "--redirect-uri", "http://127.0.0.1/", "--data", lab.DataPath]);
        Assert.True(code == 0, error + output);
    }

    [GeneratedRegex(@"http://\S+")]
    private static partial Regex Address();
}
