using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace VpsAdmin.Web.Tests.Browsing;

/// <summary>
/// Somebody with a browser. At the end of each visit its console must be empty, and no request may have gone anywhere but to the server.
/// </summary>
public sealed partial class Visit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly List<string> _complaints = [];
    private readonly HashSet<string> _documents = [];

    private Visit(IBrowserContext context, IPage page) => (_context, Page) = (context, page);

    public IPage Page { get; }

    internal static async Task<Visit> BeginAsync(IBrowserContext context, Uri server)
    {
        var visit = new Visit(context, await context.NewPageAsync());
        visit.Page.Console += (_, message) => visit.Complain(message.Type is "error" or "warning" && !visit.IsStatus(message), $"console: {message.Text}");
        visit.Page.PageError += (_, error) => visit.Complain(true, $"script: {error}");
        visit.Page.Request += (_, request) => visit.Note(request);
        visit.Page.Request += (_, request) => visit.Complain(!request.Url.StartsWith(server.AbsoluteUri, StringComparison.Ordinal), $"request to {request.Url}");
        return visit;
    }

    public async Task SignInAsync(string login, string password)
    {
        await Page.GotoAsync("/web/sign-in");
        await Page.GetByLabel("User").FillAsync(login);
        await Page.GetByLabel("Password").FillAsync(password);
        await Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
    }

    /// <summary>Goes where the browser must be given no error page.</summary>
    public async Task OpenAsync(string path)
    {
        var reply = await Page.GotoAsync(path);
        Assert.True(reply!.Ok, $"{path}: {reply.Status}");
    }

    public ILocator Button(string name) => Page.GetByRole(AriaRole.Button, new() { Name = name, Exact = true });

    public ILocator Link(string name) => Page.GetByRole(AriaRole.Link, new() { Name = name, Exact = true });

    public ILocator Heading => Page.GetByRole(AriaRole.Heading, new() { Level = 1 });

    /// <summary>The chain whose page is open, to its end.</summary>
    public Task ChainDoneAsync() => Assertions.Expect(Page.GetByText("Everything has been done.")).ToBeVisibleAsync();

    public async ValueTask DisposeAsync()
    {
        await _context.DisposeAsync();
        Assert.True(_complaints.Count == 0, string.Join(Environment.NewLine, _complaints));
    }

    private void Complain(bool when, string text)
    {
        if (when)
            lock (_complaints) _complaints.Add(text);
    }

    private void Note(IRequest request)
    {
        if (request.IsNavigationRequest)
            lock (_complaints) _documents.Add(request.Url);
    }

    // A page that is refused has a status, which browsers tell of; what tests ask for that way is no fault of a page. What a page itself loads is.
    private bool IsStatus(IConsoleMessage message)
    {
        lock (_complaints)
            return message.Text.StartsWith("Failed to load resource: the server responded with a status of 4", StringComparison.Ordinal) && _documents.Contains(Position().Replace(message.Location, ""));
    }

    /// <summary>Line and column behind an address.</summary>
    [GeneratedRegex(@":\d+:\d+$")]
    private static partial Regex Position();
}
