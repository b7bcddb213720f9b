using Microsoft.Playwright;
using VpsAdmin.Server.Tests.Running;
using VpsAdmin.Web.Tests.Browsing;
using static Microsoft.Playwright.Assertions;

namespace VpsAdmin.Web.Tests;

public sealed class CopyTests(Browser browser) : ScriptedNodeTest(browser)
{
    private const string Action = "/web/api/dataset%23index";
    private const string Command = "Invoke-VpsAdminAction dataset index";

    [Fact]
    public async Task A_command_is_copied_as_often_as_it_is_asked_for()
    {
        await using var visit = await AsAdministratorAsync();
        await visit.Page.AddInitScriptAsync("Object.defineProperty(navigator, 'clipboard', { value: { writeText: async text => { window.copied = text; } } });");
        await visit.OpenAsync(Action);
        var button = visit.Page.Locator("button[data-copy]");
        await button.ClickAsync();
        await Expect(button).ToHaveTextAsync("✓");
        await button.ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Copied." })).ToHaveCountAsync(1);
        Assert.Equal(Command, await visit.Page.EvaluateAsync<string>("window.copied"));
        await Expect(button).ToHaveTextAsync("Copy", new() { Timeout = 30_000 });
    }

    /// <summary>As for pages by plain http from another machine.</summary>
    [Fact]
    public async Task Without_a_clipboard_the_command_is_selected()
    {
        await using var visit = await AsAdministratorAsync();
        await visit.Page.AddInitScriptAsync("Object.defineProperty(navigator, 'clipboard', { value: undefined }); Document.prototype.execCommand = () => false;");
        await visit.OpenAsync(Action);
        await visit.Page.Locator("button[data-copy]").ClickAsync();
        await Expect(visit.Page.GetByRole(AriaRole.Status).Filter(new() { HasText = "Selected: copy it with the keyboard." })).ToBeVisibleAsync();
        Assert.Equal(Command, await visit.Page.EvaluateAsync<string>("getSelection().toString().trim()"));
    }
}
