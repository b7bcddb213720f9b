using System.Management.Automation;
using System.Net;
using System.Net.Sockets;
using System.Security;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests;

public sealed class ConnectTests
{
    private const string Connect = "Connect-VpsAdmin $Uri $Credential";
    private const string Password = "a-very-secret-password";

    [Theory]
    [InlineData("api.vpsfree.cz")]
    [InlineData("ftp://api.vpsfree.cz/")]
    [InlineData("https://me:secret@api.vpsfree.cz/")]
    public void What_is_no_address_of_a_web_service_is_refused(string uri)
    {
        using var session = new EngineSession();
        Assert.Equal("InvalidUri", session.Terminating(Connect, Parameters(uri)).Id());
    }

    [Fact]
    public void A_server_that_is_not_there_is_unreachable_and_no_secret_is_in_the_error()
    {
        using var session = new EngineSession();
        var error = session.Terminating(Connect, Parameters($"http://127.0.0.1:{UnusedPort()}/"));
        Assert.Equal("ApiUnreachable", error.Id());
        Assert.DoesNotContain(Password, error.Exception.ToString(), StringComparison.Ordinal);
        Assert.Equal("NotConnected", session.Terminating("Get-Vps").Id());
    }

    [Fact]
    public void An_empty_token_is_refused_before_anything_is_sent()
    {
        using var session = new EngineSession();
        var error = session.Terminating("Connect-VpsAdmin $Uri -Token $Token", ("Uri", $"http://127.0.0.1:{UnusedPort()}/"), ("Token", new SecureString()));
        Assert.Equal("InvalidCredential", error.Id());
    }

    [Fact]
    public void A_password_that_would_travel_in_the_clear_is_warned_of_before_it_travels()
    {
        using var session = new EngineSession();
        var error = session.Terminating(Connect + " -WarningAction Stop", Parameters("http://api.example/"));
        Assert.Contains("not encrypted", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_interval_of_no_sense_is_refused_at_binding()
    {
        using var session = new EngineSession();
        var error = session.Terminating(Connect + " -Interval 86401", Parameters("http://127.0.0.1/"));
        Assert.StartsWith("ParameterArgumentValidationError", error.Id(), StringComparison.Ordinal);
    }

    private static (string, object?)[] Parameters(string uri)
    {
        var password = new SecureString();
        foreach (var c in Password)
            password.AppendChar(c);
        return [("Uri", uri), ("Credential", new PSCredential("me", password))];
    }

    private static int UnusedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
