using Microsoft.Playwright;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

/// <summary>What is told and can be done lies in sight on the narrowest screens.</summary>
public sealed class PhoneTests(Browser browser) : ScriptedNodeTest(browser)
{
    private const int Width = 320;

    [Fact]
    public async Task How_fresh_a_dataset_is_is_in_sight()
    {
        await Server.AddSnapshotAsync(await Server.AddDatasetAsync("101/a-name-that-is-rather-long"), "2026-11-01T10:00:00");
        await using var visit = await AsAdministratorAsync();
        await visit.Page.SetViewportSizeAsync(Width, 640);
        var row = visit.Page.GetByRole(AriaRole.Region, new() { Name = "Freshness" }).Locator("tbody tr");
        await IsInSightAsync(row.Locator(".badge").First);
        await IsInSightAsync(row.Locator(".badge").Last);
        await IsInSightAsync(row.Locator("time"));
        // Which of the two it is, without the heads of the columns.
        Assert.Equal("\"Newest download\"", await row.Locator("td").Last.EvaluateAsync<string>("cell => getComputedStyle(cell, '::before').content"));
    }

    [Fact]
    public async Task Devices_are_removed_and_sessions_revoked_without_scrolling_to_the_side()
    {
        await using var visit = await AsAdministratorAsync();
        await visit.Page.SetViewportSizeAsync(Width, 640);
        await visit.OpenAsync("/web/devices");
        await visit.Page.GetByLabel("Name").FillAsync("phone");
        await visit.Button("Add").ClickAsync();
        await IsInSightAsync(visit.Button("Remove phone"));
        await IsInSightAsync(visit.Button("Confirm"));
        await visit.OpenAsync("/web/sessions");
        await IsInSightAsync(visit.Button("Revoke"));
    }

    private static async Task IsInSightAsync(ILocator element)
    {
        await Expect(element).ToBeVisibleAsync();
        var box = (await element.BoundingBoxAsync())!;
        Assert.InRange(box.X, 0, Width);
        Assert.InRange(box.X + box.Width, 0, Width);
    }
}
