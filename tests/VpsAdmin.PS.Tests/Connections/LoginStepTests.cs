using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Connections;

/// <summary>A server that wants a one-time code after the password.</summary>
public sealed class LoginStepTests : ConnectionTest
{
    private const string Code = "123456";

    [Fact]
    public async Task The_person_at_the_host_is_asked_for_the_code()
    {
        await using var server = await StartAsync();
        var session = NewSession();
        session.Host.Answer = field => field == "code" ? Code : throw new InvalidOperationException(field);
        Assert.Equal("jane", Connect(session, server).Get<string>("User"));
        Assert.Contains("TOTP code", session.Host.Text, StringComparison.Ordinal);
        Assert.Equal("issued-secret-2", Assert.Single(server.ValidTokens));
    }

    [Fact]
    public async Task A_wrong_answer_may_be_put_right()
    {
        await using var server = await StartAsync();
        var session = NewSession();
        var answers = new Queue<string>(["000000", Code]);
        session.Host.Answer = _ => answers.Dequeue();
        var result = session.Run("param($Uri, $Credential) Connect-VpsAdmin $Uri $Credential", ("Uri", server.Address), ("Credential", Credential()));
        Assert.Empty(result.Errors);
        Assert.Contains("invalid totp code", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_code_that_is_given_needs_nobody()
    {
        await using var server = await StartAsync();
        Assert.Equal("jane", Connect(NewSession(), server, $"-TotpCode {Code}").Get<string>("User"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("-TotpCode 000000")]
    public async Task Where_nobody_can_be_asked_the_error_says_what_to_do(string more)
    {
        await using var server = await StartAsync();
        var error = NewSession().Terminating($"Connect-VpsAdmin $Uri $Credential {more}", ("Uri", server.Address), ("Credential", Credential()));
        Assert.Equal("LoginStepRequired", error.Id());
        Assert.Contains("-TotpCode", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.DoesNotContain(Password, error + error.Exception.ToString(), StringComparison.Ordinal);
        Assert.Empty(server.ValidTokens);
    }

    private static async Task<FakeVpsAdmin> StartAsync()
    {
        var server = await FakeVpsAdmin.StartAsync();
        server.SecondFactor = Code;
        return server;
    }
}
