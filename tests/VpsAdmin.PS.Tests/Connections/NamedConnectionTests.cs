using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Connections;

public sealed class NamedConnectionTests : ConnectionTest
{
    [Fact]
    public async Task Commands_take_a_connection_by_its_name_and_the_last_one_by_default()
    {
        await using var work = await FakeVpsAdmin.StartAsync();
        await using var home = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        Connect(session, work, "-Name work");
        Connect(session, home, "-Name home");

        Assert.Empty(session.Run("Get-Vps; Get-Vps -Connection WORK").Errors);
        Assert.Equal(2, work.Calls.Count);
        Assert.Equal(2, home.Calls.Count);

        Assert.Empty(session.Run("Connect-VpsAdmin -Name work | Out-Null; Get-Vps").Errors);
        Assert.Equal(3, work.Calls.Count);
        Assert.Single(work.Logins);
    }

    [Fact]
    public async Task A_connection_without_a_name_has_that_of_its_server()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        var name = server.Server.Address.Authority;
        Assert.Equal(name, Connect(session, server).Get<string>("Name"));
        Assert.Empty(session.Run($"Get-Vps -Connection {name}").Errors);
    }

    [Theory]
    [InlineData("Get-Vps -Connection nobody")]
    [InlineData("Connect-VpsAdmin -Name nobody")]
    public void A_name_that_nothing_has_is_not_found(string command)
    {
        var error = NewSession().Terminating(command);
        Assert.Equal("ConnectionNotFound", error.Id());
        Assert.Equal("nobody", error.TargetObject);
    }

    [Fact]
    public async Task A_connection_that_went_through_a_file_stands_for_its_name()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        var revived = PSSerializer.Deserialize(PSSerializer.Serialize(Connect(session, server, "-Name work")));
        Assert.Empty(session.Run("param($Connection) Get-Vps -Connection $Connection", ("Connection", revived)).Errors);
    }

    [Fact]
    public async Task A_closed_connection_stays_closed()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        var connection = Connect(session, server, "-Name work");
        Assert.Empty(session.Run("Disconnect-VpsAdmin work").Errors);
        Assert.Equal(["issued-secret-1"], server.Revoked);
        Assert.Equal("NotConnected", session.Terminating("Get-Vps -Connection $Connection", ("Connection", connection)).Id());
        Assert.Equal("ConnectionNotFound", session.Terminating("Get-Vps -Connection work").Id());
        Assert.Equal("NotConnected", session.Terminating("Get-Vps").Id());
    }

    [Fact]
    public async Task Connections_are_listed_and_the_default_is_marked()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        Connect(session, server, "-Name work -Save");
        Connect(session, server, "-Name home");
        var listed = session.Run("Get-VpsAdminConnection").Output;
        Assert.Equal([("home", true, false, true), ("work", true, true, false)], listed.Select(State));
        Assert.Equal(["work"], session.Run("Get-VpsAdminConnection w*").Output.Select(c => c.Get<string>("Name")));
        Assert.Equal("ConnectionNotFound", session.Run("Get-VpsAdminConnection nobody").ErrorId);

        Assert.Equal([("work", false, true, true)], NewSession().Run("Get-VpsAdminConnection").Output.Select(State));
        Surroundings.Set(server.Address, "token");
        Assert.Equal([("VPSADMIN_URL", false, false, true), ("work", false, true, false)], NewSession().Run("Get-VpsAdminConnection").Output.Select(State));
    }

    [Fact]
    public async Task A_list_of_connections_fits_the_screen()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        Connect(session, server, "-Name work -Save");
        var lines = session.Render("Get-VpsAdminConnection").Split('\n').Select(l => l.TrimEnd()).Where(l => l.Length > 0).ToList();
        Assert.Equal("* Name             Uri                            User         State           Valid to (UTC)", lines[0]);
        Assert.Equal($"* work             {server.Address,-30} jane         open, saved", lines[2]);
    }

    [Fact]
    public async Task Names_are_completed_open_or_saved()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        Connect(NewSession(), server, "-Name saved -Save");
        var session = NewSession();
        Connect(session, server, "-Name open");
        Assert.Equal(["open", "saved"], Completed(session, "Get-Vps -Connection "));
        Assert.Equal(["saved"], Completed(session, "Disconnect-VpsAdmin sa"));
        File.WriteAllText(Surroundings.SavedFile, "broken");
        Assert.Equal(["open"], Completed(session, "Connect-VpsAdmin -Name "));
    }

    [Fact]
    public async Task No_secret_is_printed_or_serialized()
    {
        await using var server = await FakeVpsAdmin.StartAsync();
        var session = NewSession();
        var connection = Connect(session, server, "-Name work -Save");
        var everything = PSSerializer.Serialize(connection, 5) + PSSerializer.Serialize(session.Run("Get-VpsAdminConnection").Output, 5)
            + session.Render("Get-VpsAdminConnection | Format-List -Property *") + connection;
        Assert.Contains("jane", everything, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", everything, StringComparison.Ordinal);
    }

    private static (string, bool, bool, bool) State(PSObject connection) =>
        (connection.Get<string>("Name"), connection.Get<bool>("IsConnected"), connection.Get<bool>("IsSaved"), connection.Get<bool>("IsDefault"));
}
