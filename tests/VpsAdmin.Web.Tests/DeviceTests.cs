using Microsoft.Playwright;
using OtpNet;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

public sealed class DeviceTests(Browser browser) : ScriptedNodeTest(browser)
{
    [Fact]
    public async Task A_device_is_added_confirmed_asked_for_and_removed()
    {
        await Server.AddUserAsync("careful");
        await using var visit = await AsAsync("careful", "careful-password");
        await visit.Link("Sessions and tokens").ClickAsync();
        await visit.Link("One-time codes").ClickAsync();
        await Expect(visit.Page.GetByText("your password alone lets you in")).ToBeVisibleAsync();

        await visit.Page.GetByLabel("Name").FillAsync("phone");
        await visit.Button("Add").ClickAsync();
        var secret = (await visit.Page.Locator("code.secret").TextContentAsync())!;
        Assert.Contains($"secret={secret}", await visit.Link("Open it in the app of this device").GetAttributeAsync("href"), StringComparison.Ordinal);
        await Expect(visit.Page.Locator("svg.qr")).ToBeVisibleAsync();
        Assert.Equal(await visit.Link("Open it in the app of this device").GetAttributeAsync("href"), await QrCodeReader.ReadAsync(visit.Page.Locator("svg.qr")));
        var totp = new Totp(Base32Encoding.ToBytes(secret));

        // It is not lost with a wrong code.
        await ConfirmAsync(visit, "000000");
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("invalid totp code");
        await Expect(visit.Page.Locator("code.secret")).ToHaveTextAsync(secret);
        await ConfirmAsync(visit, totp.ComputeTotp());
        await Expect(visit.Page.Locator("tr[data-device] .badge")).ToHaveTextAsync("asked for");
        await Expect(visit.Page.Locator("code.secret")).ToHaveCountAsync(0);
        await Expect(visit.Page.Locator("svg.qr")).ToHaveCountAsync(0);

        await visit.Button("Sign out").ClickAsync();
        await Expect(visit.Heading).ToHaveTextAsync("Sign in");
        await visit.SignInAsync("careful", "careful-password");
        // No code is good twice: the next one, which a device a little fast already shows.
        await visit.Page.GetByLabel("Code of your device").FillAsync(totp.ComputeTotp(DateTime.UtcNow.AddSeconds(30)));
        await visit.Button("Go on").ClickAsync();
        await Expect(visit.Heading).ToHaveTextAsync("Overview");

        await visit.OpenAsync("/web/devices");
        await visit.Button("Remove phone").ClickAsync();
        await Expect(visit.Page.GetByText("your password alone lets you in")).ToBeVisibleAsync();
    }

    private static async Task ConfirmAsync(Visit visit, string code)
    {
        await visit.Page.GetByLabel("Code of phone").FillAsync(code);
        await visit.Button("Confirm").ClickAsync();
    }
}
