using Microsoft.Playwright;
using VpsAdmin.Lab;
using VpsAdmin.Web.Tests.Browsing;

[assembly: AssemblyFixture(typeof(Browser))]

namespace VpsAdmin.Web.Tests.Browsing;

/// <summary>One Chromium for all tests; each has a profile of its own in it.</summary>
public sealed class Browser : IAsyncLifetime
{
    /// <summary>The machine may have much else to do.</summary>
    private const float Patience = 180_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private Chromium? _chromium;

    public async ValueTask InitializeAsync()
    {
        _chromium = await Chromium.FindAsync(CancellationToken.None);
        if (_chromium.Path is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = _chromium.Path, Args = Chromium.Arguments, Timeout = Patience });
        Assertions.SetDefaultExpectTimeout(Patience);
    }

    /// <summary>Skips the test where there is no browser to be had.</summary>
    public async Task<Visit> VisitAsync(Uri server, ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900)
    {
        Assert.SkipUnless(_browser is not null, _chromium?.Reason ?? "");
        var context = await _browser!.NewContextAsync(new()
        {
            BaseURL = server.AbsoluteUri, ColorScheme = scheme, ViewportSize = new() { Width = width, Height = height }, AcceptDownloads = true, ReducedMotion = ReducedMotion.Reduce, Locale = "en-US",
        });
        context.SetDefaultTimeout(Patience);
        return await Visit.BeginAsync(context, server);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }
}
