using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.Client.Tests.Connections;

public sealed class SavedAuthenticationTests
{
    private static readonly DateTimeOffset Issued = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private static readonly User Jane = new(3, "jane", null, null);

    [Fact]
    public void A_token_that_we_requested_is_restored_as_ours()
    {
        var saved = Saved() with { Terms = new SavedTerms(TokenLifetime.RenewableManual, TimeSpan.FromHours(1), Issued, Issued.AddHours(1)) };
        var restored = Assert.IsType<TokenAuthentication>(SavedAuthentication.Restore(saved, "secret", _ => { }));
        Assert.Equal(new SavedToken("secret", TokenLifetime.RenewableManual, TimeSpan.FromHours(1), Issued, Issued.AddHours(1)), restored.Saved);
        Assert.Equal(saved, SavedAuthentication.Save("work", saved.Uri, Jane, restored, null));
    }

    [Fact]
    public void A_token_of_somebody_else_stays_theirs()
    {
        var restored = Assert.IsType<TokenAuthentication>(SavedAuthentication.Restore(Saved(), "secret", _ => { }));
        Assert.Null(restored.Saved);
        Assert.Equal(Saved(), SavedAuthentication.Save("work", Saved().Uri, Jane, restored, null));
    }

    [Fact]
    public void A_login_through_the_browser_keeps_what_prolongs_it()
    {
        var client = new OAuthClient("cli");
        var saved = Saved() with { OAuth = new SavedOAuth(client, Guid.NewGuid(), "refresh", Issued, Issued.AddMinutes(15)) };
        var restored = Assert.IsType<OAuthAuthentication>(SavedAuthentication.Restore(saved, "secret", _ => { }));
        Assert.Equal(saved, SavedAuthentication.Save("work", saved.Uri, Jane, restored, client));
        Assert.Null(saved.ValidTo);
    }

    [Fact]
    public void Basic_authentication_has_nothing_to_save() =>
        Assert.Throws<ArgumentException>(() => SavedAuthentication.Save("work", Saved().Uri, Jane, new BasicAuthentication("jane", "password"), null));

    private static SavedConnection Saved() => new("work", new Uri("https://api.example.org/"), "jane", 3, "secret", null, null, null);
}
