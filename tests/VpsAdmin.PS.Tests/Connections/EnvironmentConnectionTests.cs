using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Connections;

public sealed class EnvironmentConnectionTests : ConnectionTest
{
    [Fact]
    public async Task What_is_given_goes_before_the_sessions_default_that_before_the_environment_and_that_before_what_is_saved()
    {
        await using var saved = await FakeVpsAdmin.StartAsync();
        await using var environment = await FakeVpsAdmin.StartAsync();
        await using var chosen = await FakeVpsAdmin.StartAsync();
        await using var given = await FakeVpsAdmin.StartAsync();
        Connect(NewSession(), saved, "-Name saved -Save");
        Connect(NewSession(), given, "-Name given -Save");
        Connect(NewSession(), saved, "-Name saved -Save");
        var session = NewSession();
        FakeVpsAdmin[] all = [saved, environment, chosen, given];

        Assert.Equal([2, 0, 0, 0], Calls(session, "Get-Vps", all));
        Surroundings.Set(environment.Address, environment.MakeToken());
        Assert.Equal([0, 2, 0, 0], Calls(session, "Get-Vps", all));
        Assert.Equal([0, 1, 0, 0], Calls(session, "Get-Vps", all));
        Connect(session, chosen);
        Assert.Equal([0, 0, 1, 0], Calls(session, "Get-Vps", all));
        Assert.Equal([0, 0, 0, 2], Calls(session, "Get-Vps -Connection given", all));
        Assert.Equal([0, 1, 0, 0], Calls(session, "Get-Vps -Connection VPSADMIN_URL", all));
        Assert.Equal([0, 0, 1, 0], Calls(session, "Get-Vps", all));
    }

    [Fact]
    public async Task Another_token_in_the_environment_is_another_connection()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        foreach (var token in (string[])[server.MakeToken(), server.MakeToken()])
        {
            Surroundings.Set(server.Address, token);
            Assert.Empty(session.Run("Get-Vps").Errors);
            Assert.Equal(token, server.Calls[^1].Token);
        }
    }

    [Fact]
    public async Task A_token_of_the_environment_is_neither_renewed_nor_revoked()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        Surroundings.Set(server.Address, server.MakeToken());
        Assert.Empty(NewSession().Run("$null = Connect-VpsAdmin; Get-Vps; Disconnect-VpsAdmin").Errors);
        Assert.DoesNotContain(server.Server.Received, r => r.Method == "POST");
    }

    [Fact]
    public async Task A_token_in_a_file_is_used_and_programs_that_are_started_do_not_see_it()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        using var folder = new TemporaryFolder();
        var token = server.MakeToken();
        File.WriteAllText(folder.File("token"), token + "\n");
        Surroundings.Set(server.Address, token: null, folder.File("token"));
        var environment = NewSession().Run("Get-Vps; env").Output.Select(static line => $"{line}").ToList();
        Assert.Equal(token, server.Calls[^1].Token);
        Assert.Contains($"VPSADMIN_TOKEN_FILE={folder.File("token")}", environment);
        Assert.DoesNotContain(environment, line => line.Contains(token, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("http://127.0.0.1:1/", null, "EnvironmentIncomplete")]
    [InlineData(null, "token", "EnvironmentIncomplete")]
    [InlineData(null, null, "EnvironmentIncomplete", "/nowhere/token")]
    [InlineData("http://127.0.0.1:1/", "token", "EnvironmentIncomplete", "/nowhere/token")]
    [InlineData("http://127.0.0.1:1/", null, "TokenFileNotFound", "/nowhere/token")]
    [InlineData("http://127.0.0.1:1/", null, "TokenFileNotFound", "token")]
    [InlineData("  ", "token", "EnvironmentIncomplete")]
    [InlineData("api.example.org", "token", "InvalidUri")]
    [InlineData("ftp://api.example.org", "token", "InvalidUri")]
    [InlineData("http://127.0.0.1:1/", "two words", "InvalidCredential")]
    public void Half_an_environment_is_an_error_and_not_the_saved_connection(string? url, string? token, string id, string? tokenFile = null)
    {
        Surroundings.Set(url, token, tokenFile);
        Assert.Equal(id, NewSession().Terminating("Get-Vps").Id());
    }

    [Fact]
    public async Task A_token_that_the_server_does_not_know_is_not_authenticated_and_not_shown()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        Surroundings.Set(server.Address, "unknown-token");
        var error = NewSession().Terminating("Get-Vps");
        Assert.Equal("NotAuthenticated", error.Id());
        Assert.DoesNotContain("unknown-token", error + error.Exception.ToString(), StringComparison.Ordinal);
    }

    /// <summary>How many calls of the API each server got by a command.</summary>
    private static int[] Calls(EngineSession session, string command, FakeVpsAdmin[] servers)
    {
        var before = servers.Select(s => s.Calls.Count).ToList();
        Assert.Empty(session.Run(command).Errors.Select(e => e.ToString()));
        return [.. servers.Select((s, i) => s.Calls.Count - before[i])];
    }
}
