using Microsoft.Extensions.Primitives;

namespace VpsAdmin.Server.Accounts.OAuth;

/// <summary>What people fill in. The fields of the authorization request go along, hidden, and are checked anew each time.</summary>
/// <param name="Interim">From the first step; null: this is the first.</param>
internal sealed record LoginForm(string User, string PasswordText, string? Interim, string CodeText, bool Declined)
{
    public const string Token = "form_token";
    public const string Login = "user";
    public const string Password = "password";
    public const string InterimToken = "login_step";
    public const string Code = "totp";
    public const string Decline = "decline";

    public static IReadOnlySet<string> Fields { get; } = new HashSet<string> { Token, Login, Password, InterimToken, Code, Decline };

    public static LoginForm Read(IFormCollection form) => new(
        Text(form[Login]), Text(form[Password]), form[InterimToken] is [{ Length: > 0 } interim] ? interim : null, Text(form[Code]), form.ContainsKey(Decline));

    private static string Text(StringValues values) => values is [{ } one] ? one : "";

    /// <summary>A record would print the password.</summary>
    public override string ToString() => User;
}
