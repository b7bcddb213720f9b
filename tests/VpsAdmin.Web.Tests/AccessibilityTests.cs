using System.Reflection;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Server.Web;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

/// <summary>Every page: without a violation of WCAG 2.2 AA in light and dark, readable at 320 px, no wider than a wide screen, and with a picture of it where one is asked for.</summary>
public sealed partial class AccessibilityTests(FurnishedServer furnished, Browser browser) : WebTest(furnished.Server, browser), IClassFixture<FurnishedServer>
{
    /// <summary>Folder that pictures of the pages are put into; not set: none are taken.</summary>
    private const string Pictures = "VPSADMIN_SCREENSHOTS";

    private static readonly HashSet<string> AlsoPictured = ["overview-dark", "dataset-dark", "charts-dark", "device-new-dark", "device-new-phone", "overview-phone", "dataset-phone", "download-phone"];

    private static readonly AxeRunOptions Rules = new() { RunOnly = new RunOnlyOptions { Type = "tag", Values = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] } };

    public static TheoryData<string> Pages =>
    [
        "overview", "dataset", "download-new", "download", "downloads", "download-growing", "roll-back", "snapshot-delete", "chains", "chain", "chain-failed", "charts", "vps", "maintenance", "sessions", "devices", "admin", "users", "user", "migration-plans", "migration-plan", "mail", "api", "api-action",
    ];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task A_page_is_accessible(string page)
    {
        await using var visit = await SignedInAsync();
        await visit.OpenAsync(furnished.Path(page));
        await CheckEverywhereAsync(visit, page);
    }

    /// <summary>What is shown once: the secret of a new device, and the code of it.</summary>
    [Fact]
    public async Task A_new_device_is_accessible()
    {
        await using var visit = await SignedInAsync();
        await visit.OpenAsync("/web/devices");
        await visit.Page.GetByLabel("Name").FillAsync("phone");
        await visit.Button("Add").ClickAsync();
        await Expect(visit.Page.Locator("svg.qr")).ToBeVisibleAsync();
        await CheckEverywhereAsync(visit, "device-new");
    }

    /// <summary>Pages that are added come in here, too.</summary>
    [Fact]
    public void No_page_is_left_out()
    {
        Server.Require();
        var addresses = Pages.Select(page => furnished.Path(page.Data).Split('?')[0]).ToList();
        var templates = typeof(WebPage).Assembly.GetTypes().SelectMany(static t => t.GetCustomAttributes<RouteAttribute>()).Select(static r => r.Template).ToList();
        Assert.NotEmpty(templates);
        // Whoever is signed in is not asked to; it has a test of its own.
        Assert.Equal(["/web/sign-in"], templates.Where(t => !addresses.Exists(a => Regex.IsMatch(a, $"^{Placeholder().Replace(t, "[^/]+")}$"))));
    }

    [GeneratedRegex("{[^}]+}")]
    private static partial Regex Placeholder();

    [Fact]
    public async Task A_new_token_is_accessible()
    {
        await using var visit = await SignedInAsync();
        await visit.OpenAsync("/web/sessions");
        await visit.Page.Locator("input[name=name]").FillAsync("nightly backup");
        await visit.Button("Create the token").ClickAsync();
        await Expect(visit.Page.Locator("#new-token")).ToBeVisibleAsync();
        await CheckEverywhereAsync(visit, "token-new");
    }

    [Fact]
    public async Task A_form_with_a_problem_is_accessible()
    {
        await using var visit = await SignedInAsync();
        await visit.OpenAsync("/web/admin/users");
        await visit.Page.GetByLabel("Login").FillAsync("admin");
        await visit.Page.GetByLabel("Password").FillAsync("long enough");
        await visit.Button("Add").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Alert)).ToBeVisibleAsync();
        await CheckEverywhereAsync(visit, "users-problem");
    }

    /// <summary>And what is not for whoever has given it.</summary>
    [Fact]
    public async Task The_code_of_a_device_is_asked_for_accessibly()
    {
        await using var visit = await VisitAsync();
        var password = await AddUserAsync("careful");
        var totp = await AddDeviceAsync("careful", password);
        await visit.SignInAsync("careful", password);
        await Expect(visit.Page.GetByLabel("Code of your device")).ToBeFocusedAsync();
        await CheckEverywhereAsync(visit, "sign-in-code");
        // No code is good twice: the next one, which a device a little fast already shows.
        await visit.Page.GetByLabel("Code of your device").FillAsync(totp.ComputeTotp(DateTime.UtcNow.AddSeconds(30)));
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Heading).ToHaveTextAsync("Overview");

        Assert.Equal(403, (await visit.Page.GotoAsync("/web/admin"))!.Status);
        await CheckEverywhereAsync(visit, "not-allowed");
    }

    [Fact]
    public async Task A_page_that_is_not_there_is_accessible()
    {
        await using var visit = await VisitAsync();
        Assert.Equal(404, (await visit.Page.GotoAsync("/web/nothing"))!.Status);
        await CheckEverywhereAsync(visit, "not-found");
    }

    private static async Task CheckEverywhereAsync(Visit visit, string page)
    {
        await CheckAsync(visit, page);
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Dark });
        await CheckAsync(visit, page + "-dark");

        // Tables and commands scroll within themselves, the page does not.
        await visit.Page.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        await visit.Page.SetViewportSizeAsync(320, 640);
        Assert.Equal(320, await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await TakePictureAsync(visit, page + "-phone");
        await visit.Page.SetViewportSizeAsync(1920, 1080);
        Assert.Equal(1920, await visit.Page.EvaluateAsync<int>("document.documentElement.scrollWidth"));
        await visit.Page.SetViewportSizeAsync(1280, 900);
    }

    [Fact]
    public async Task The_page_to_sign_in_is_accessible_and_works_without_a_mouse()
    {
        await using var visit = await VisitAsync();
        await visit.OpenAsync("/web/sign-in");
        await Expect(visit.Page.GetByLabel("User")).ToBeFocusedAsync();
        await CheckEverywhereAsync(visit, "sign-in");
        await visit.Page.Keyboard.TypeAsync("admin");
        await visit.Page.Keyboard.PressAsync("Tab");
        await visit.Page.Keyboard.TypeAsync(Server.AdminPassword);
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Heading).ToHaveTextAsync("Overview");

        // The first thing that Tab reaches leads past the navigation.
        await visit.Page.Keyboard.PressAsync("Tab");
        await Expect(visit.Link("Skip to the content")).ToBeFocusedAsync();
        await visit.Page.Keyboard.PressAsync("Enter");
        await Expect(visit.Page.Locator("main")).ToBeFocusedAsync();
    }

    /// <summary>Signs in once for all pages: passwords are slow to check, on purpose.</summary>
    private async Task<Visit> SignedInAsync()
    {
        if (furnished.Cookies is not { } cookies)
        {
            await using var first = await AsAdministratorAsync();
            furnished.Cookies = cookies = [.. (await first.Page.Context.CookiesAsync()).Select(static c => new Cookie { Name = c.Name, Value = c.Value, Domain = c.Domain, Path = c.Path })];
        }
        var visit = await VisitAsync();
        await visit.Page.Context.AddCookiesAsync(cookies);
        return visit;
    }

    private static async Task CheckAsync(Visit visit, string name)
    {
        await TakePictureAsync(visit, name);
        var result = await visit.Page.RunAxe(Rules);
        Assert.True(result.Violations.Length == 0, string.Join(Environment.NewLine, result.Violations.Select(static v => $"{v.Id}: {v.Help} – {string.Join(" | ", v.Nodes.Select(static n => n.Html))}")));
    }

    /// <summary>All pages in light; of the others, enough to see what they are like.</summary>
    private static async Task TakePictureAsync(Visit visit, string name)
    {
        if ((name.EndsWith("-dark", StringComparison.Ordinal) || name.EndsWith("-phone", StringComparison.Ordinal)) && !AlsoPictured.Contains(name))
            return;
        if (Environment.GetEnvironmentVariable(Pictures) is { Length: > 0 } folder)
            await visit.Page.ScreenshotAsync(new() { Path = System.IO.Path.Combine(folder, name + ".png"), FullPage = true });
    }
}
