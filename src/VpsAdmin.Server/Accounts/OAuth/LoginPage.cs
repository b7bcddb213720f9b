using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;

namespace VpsAdmin.Server.Accounts.OAuth;

/// <param name="Client">Name of the program that asks.</param>
/// <param name="Scope">What it asks for.</param>
/// <param name="ReturnTo">Where the browser goes afterwards.</param>
/// <param name="Hidden">Fields of the authorization request, and the one against forgery.</param>
internal sealed record LoginPage(string Client, string Scope, Uri ReturnTo, IReadOnlyList<KeyValuePair<string, string>> Hidden)
{
    private const string Style =
        "body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:10vh auto;padding:0 1rem}"
        + "label{display:block;margin:1rem 0}input{display:block;width:100%;box-sizing:border-box;font:inherit;padding:.4rem}"
        + "button{font:inherit;padding:.4rem 1rem;margin-right:.5rem}.error{color:#b00020}";

    private static readonly string StyleHash = Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Style)));

    /// <summary>From the first step; null: user and password are asked for.</summary>
    public string? Interim { get; init; }

    public string? Error { get; init; }

    /// <summary>
    /// Nothing is loaded, nothing runs, nobody shows the page in a frame, and the form goes nowhere but to us and on to the client: browsers
    /// apply <c>form-action</c> to the redirect behind it, too.
    /// </summary>
    public string Policy =>
        $"default-src 'none'; style-src 'sha256-{StyleHash}'; form-action 'self' {Source(ReturnTo)}; frame-ancestors 'none'; base-uri 'none'";

    public string Html()
    {
        var hidden = string.Concat(Hidden.Append(new(LoginForm.InterimToken, Interim ?? "")).Select(static f => $"""<input type="hidden" name="{E(f.Key)}" value="{E(f.Value)}">"""));
        var fields = Interim is null
            ? $"""
               <label>User <input name="{LoginForm.Login}" autocomplete="username" autofocus required maxlength="64"></label>
               <label>Password <input name="{LoginForm.Password}" type="password" autocomplete="current-password" required maxlength="1024"></label>
               """
            : $"""<label>Code of your device <input name="{LoginForm.Code}" inputmode="numeric" autocomplete="one-time-code" autofocus required maxlength="16"></label>""";
        var error = Error is null ? "" : $"""<p class="error" role="alert">{E(Error)}</p>""";
        return $"""
            <!doctype html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>vpsAdmin: log in</title><style>{Style}</style></head>
            <body><h1>Log in</h1>
            <p><strong>{E(Client)}</strong> at {E(ReturnTo.GetLeftPart(UriPartial.Authority))} asks to act for you{(Scope is "all" ? "" : $", with: {E(Scope)}")}.</p>
            {error}
            <form method="post" action="{OAuthEndpoints.Authorize}">{hidden}
            {fields}
            <button type="submit">Log in</button><button type="submit" name="{LoginForm.Decline}" value="1" formnovalidate>Decline</button></form>
            </body></html>
            """;
    }

    /// <summary>An address of the web, or a scheme of an installed program's own. A policy has words, so that nothing else may get into it.</summary>
    private static string Source(Uri address) =>
        address.Scheme is "http" or "https" ? $"{address.Scheme}://{address.IdnHost}{(address.IsDefaultPort ? "" : $":{address.Port}")}" : $"{address.Scheme}:";

    private static string E(string text) => HtmlEncoder.Default.Encode(text);
}
