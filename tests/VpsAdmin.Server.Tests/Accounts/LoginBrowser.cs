using System.Net;
using System.Text.RegularExpressions;

namespace VpsAdmin.Server.Tests.Accounts;

/// <summary>A person with a browser, who fills in what the login page asks for.</summary>
internal sealed partial class LoginBrowser(params (string Field, string Value)[][] answers) : IDisposable
{
    private readonly HttpClient _http = new(new HttpClientHandler { AllowAutoRedirect = false });

    /// <summary>Pages that were shown, oldest first.</summary>
    public List<HttpResponseMessage> Pages { get; } = [];

    /// <summary>Where the last form led, once there is a redirect.</summary>
    public Uri? Left { get; private set; }

    /// <summary>Returns at once, as a browser does; the listener answers last.</summary>
    public Task OpenAsync(Uri page, CancellationToken cancel)
    {
        Browsing = BrowseAsync(page, cancel);
        return Task.CompletedTask;
    }

    public Task Browsing { get; private set; } = Task.CompletedTask;

    public async Task BrowseAsync(Uri page, CancellationToken cancel, bool goOn = true)
    {
        Pages.Add(await _http.GetAsync(page, cancel));
        foreach (var answer in answers)
        {
            var fields = await HiddenAsync(Pages[^1], cancel);
            foreach (var (field, value) in answer)
                fields[field] = value;
            using var form = new FormUrlEncodedContent(fields);
            var reply = await _http.PostAsync(page.GetLeftPart(UriPartial.Path), form, cancel);
            if (reply.StatusCode is not HttpStatusCode.Redirect)
            {
                Pages.Add(reply);
                continue;
            }
            Left = reply.Headers.Location;
            reply.Dispose();
            if (goOn)
                (await _http.GetAsync(Left, cancel)).Dispose();
        }
    }

    public static async Task<Dictionary<string, string>> HiddenAsync(HttpResponseMessage page, CancellationToken cancel) =>
        HiddenField().Matches(await page.Content.ReadAsStringAsync(cancel)).ToDictionary(static m => WebUtility.HtmlDecode(m.Groups[1].Value), static m => WebUtility.HtmlDecode(m.Groups[2].Value));

    public void Dispose()
    {
        Pages.ForEach(static p => p.Dispose());
        _http.Dispose();
    }

    [GeneratedRegex("""<input type="hidden" name="([^"]*)" value="([^"]*)">""")]
    private static partial Regex HiddenField();
}
