using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Connections;

/// <summary>What one process saves, another finds.</summary>
public sealed class SavedConnectionTests : ConnectionTest
{
    [Fact]
    public async Task A_later_process_goes_on_without_logging_in_and_leaves_the_token_valid()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        Assert.True(Connect(NewSession(), server, "-Name work -Save").Get<bool>("IsSaved"));
        Assert.Contains("\"lifetime\":\"permanent\"", Assert.Single(server.Logins), StringComparison.Ordinal);

        var session = NewSession();
        Assert.Empty(session.Run("Get-Vps").Errors);
        Assert.Empty(session.Run("Get-Vps -Connection work; Disconnect-VpsAdmin").Errors);

        Assert.All(server.Calls, c => Assert.Equal("issued-secret-1", c.Token));
        Assert.Single(server.Logins);
        Assert.Empty(server.Revoked);
    }

    [Fact]
    public async Task A_lifetime_that_was_asked_for_is_kept_when_saving()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        Connect(NewSession(), server, "-Save -Lifetime Fixed");
        Assert.Contains("\"lifetime\":\"fixed\"", Assert.Single(server.Logins), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_was_left_is_not_gone_back_to_before_it_is_asked_for()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        Connect(session, server, "-Name work -Save");
        session.Run("Disconnect-VpsAdmin");
        Assert.Equal("NotConnected", session.Terminating("Get-Vps").Id());
        Assert.Equal("NotConnected", session.Run("Disconnect-VpsAdmin work").ErrorId);
        Assert.Empty(session.Run("$null = Connect-VpsAdmin -Name work; Get-Vps").Errors);
        Assert.Empty(server.Revoked);
    }

    [Theory]
    [InlineData("$null = Connect-VpsAdmin -Name work; Disconnect-VpsAdmin -Forget")]
    [InlineData("Disconnect-VpsAdmin work -Forget")]
    [InlineData("Get-VpsAdminConnection work | Disconnect-VpsAdmin -Forget")]
    [InlineData("Disconnect-VpsAdmin -Forget")]
    public async Task Forgetting_ends_the_token_and_removes_it(string command)
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        Connect(NewSession(), server, "-Name work -Save");

        var session = NewSession();
        Assert.Empty(session.Run("Disconnect-VpsAdmin work -Forget -WhatIf").Errors);
        Assert.Empty(server.Revoked);
        Assert.Empty(session.Run(command).Errors.Select(e => e.ToString()));

        Assert.Equal(["issued-secret-1"], server.Revoked);
        Assert.DoesNotContain("secret", File.ReadAllText(Surroundings.SavedFile), StringComparison.Ordinal);
        Assert.Equal("NotConnected", NewSession().Terminating("Get-Vps").Id());
    }

    [Fact]
    public async Task A_token_that_has_ended_is_forgotten_all_the_same()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        Connect(NewSession(), server, "-Name work -Save");
        server.End("issued-secret-1");
        Assert.Equal("NotAuthenticated", NewSession().Terminating("Get-Vps").Id());
        Assert.Empty(NewSession().Run("Disconnect-VpsAdmin work -Forget").Errors);
        Assert.Equal("ConnectionNotFound", NewSession().Terminating("Get-Vps -Connection work").Id());
    }

    [Fact]
    public async Task A_server_that_is_gone_does_not_keep_a_connection_from_being_forgotten()
    {
        var server = await FakeVpsAdmin.StartAsync();
        Connect(NewSession(), server, "-Name work -Save");
        await server.DisposeAsync();
        Assert.Equal("ApiUnreachable", NewSession().Run("Disconnect-VpsAdmin work -Forget").ErrorId);
        Assert.DoesNotContain("secret", File.ReadAllText(Surroundings.SavedFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_token_of_somebody_else_is_saved_and_forgotten_but_never_revoked()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var saved = NewSession().Run("param($Uri, $Token) Connect-VpsAdmin $Uri -Token $Token -Name ci -Save",
            ("Uri", server.Address), ("Token", Secret(server.MakeToken())));
        Assert.Empty(saved.Errors);
        Assert.Empty(NewSession().Run("Get-Vps; Disconnect-VpsAdmin -Forget").Errors);
        Assert.Empty(server.Revoked);
        Assert.DoesNotContain("made-elsewhere", File.ReadAllText(Surroundings.SavedFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_saved_default_is_the_last_that_was_saved_or_chosen()
    {
        await using var work = await FakeVpsAdmin.StartAsync();
        await using var home = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        Connect(session, work, "-Name work -Save");
        Connect(session, home, "-Name home -Save");
        NewSession().Run("Get-Vps");
        Assert.Equal((1, 3), (work.Calls.Count, home.Calls.Count));
        NewSession().Run("Connect-VpsAdmin -Name work -Save");
        NewSession().Run("Get-Vps");
        Assert.Equal((4, 3), (work.Calls.Count, home.Calls.Count));
    }

    [Fact]
    public async Task A_saved_address_serves_for_logging_in_again()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        Connect(NewSession(), server, "-Name work -Save");
        var again = NewSession().Run("param($Credential) Connect-VpsAdmin -Name work -Credential $Credential -Save", ("Credential", Credential()));
        Assert.Empty(again.Errors);
        Assert.Equal(2, server.Logins.Count);
        Assert.Contains("issued-secret-2", File.ReadAllText(Surroundings.SavedFile), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nothing_is_sent_when_the_saved_connections_are_open_to_others()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Unix has modes.");
        await using var server = await FakeVpsAdmin.StartAsync();
        Connect(NewSession(), server, "-Name work -Save");
        Surroundings.SetMode(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        var calls = server.Server.Received.Count;
        Assert.Equal("SavedConnectionsUnsafe", NewSession().Terminating("Get-Vps").Id());
        Assert.Equal("SavedConnectionsUnsafe", NewSession().Terminating("Connect-VpsAdmin $Uri $Credential -Save", ("Uri", server.Address), ("Credential", Credential())).Id());
        Assert.Equal(calls, server.Server.Received.Count);
        File.WriteAllText(Surroundings.SavedFile, "no json");
        Surroundings.SetMode(UnixFileMode.UserRead | UnixFileMode.UserWrite);
        Assert.Equal("SavedConnectionsDamaged", NewSession().Terminating("Get-Vps").Id());
    }

    [Fact]
    public async Task A_vault_keeps_the_token_where_there_is_one()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        Assert.Equal("VaultUnavailable", session.Terminating("Connect-VpsAdmin $Uri $Credential -Vault Mine", ("Uri", server.Address), ("Credential", Credential())).Id());
        Assert.Empty(server.Logins);

        session.Run(Vault);
        Connect(session, server, "-Name work -Vault Mine");
        Assert.DoesNotContain("secret", File.ReadAllText(Surroundings.SavedFile), StringComparison.Ordinal);
        Assert.Equal(["Mine/VpsAdmin-work"], session.Run("$global:Secrets.Keys").Output.Select(k => k.ToString()));

        Assert.Empty(session.Run("Disconnect-VpsAdmin; Get-Vps -Connection work").Errors);
        Assert.Equal("issued-secret-1", server.Calls[^1].Token);
        Assert.Empty(session.Run("Disconnect-VpsAdmin work -Forget").Errors);
        Assert.Equal(["issued-secret-1"], server.Revoked);
        Assert.Empty(session.Run("$global:Secrets.Keys").Output);
    }

    [Fact]
    public async Task Cron_needs_no_terminal_no_pwsh_and_no_argument_that_is_secret()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var token = server.MakeToken();
        Assert.Equal((0, ""), await ShellAsync("Get-Vps", ("VPSADMIN_URL", server.Address), ("VPSADMIN_TOKEN", token)));
        Assert.Equal([token, token], server.Calls.Select(c => c.Token));

        Connect(NewSession(), server, "-Save");
        Assert.Equal((0, ""), await ShellAsync("Get-Vps"));
        Assert.Equal("issued-secret-2", server.Calls[^1].Token);
        var (code, error) = await ShellAsync("Connect-VpsAdmin $env:FAKE", ("FAKE", server.Address));
        Assert.Equal(15, code);
        Assert.Contains("nobody to ask", error, StringComparison.Ordinal);
    }

    /// <summary>The three commands of Microsoft.PowerShell.SecretManagement that the module calls.</summary>
    private const string Vault = """
        $global:Secrets = @{}
        function global:Set-Secret { [CmdletBinding()] param($Name, $Vault, [securestring] $Secret) $global:Secrets["$Vault/$Name"] = $Secret }
        function global:Get-Secret { [CmdletBinding()] param($Name, $Vault) $global:Secrets["$Vault/$Name"] }
        function global:Remove-Secret { [CmdletBinding()] param($Name, $Vault) $global:Secrets.Remove("$Vault/$Name") }
        """;

    private static async Task<(int ExitCode, string Error)> ShellAsync(string command, params (string Name, string Value)[] environment)
    {
        var (code, _, error) = await ProgramRun.RunAsync(Repository.Shell, ["-Command", command], environment.ToDictionary(static e => e.Name, static e => e.Value));
        return (code, error);
    }
}
