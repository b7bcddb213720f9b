using System.Management.Automation;
using System.Security;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS.Commands;

/// <summary>Opens a session with a vpsAdmin server and makes it the default of this PowerShell session.</summary>
[Cmdlet(VerbsCommunications.Connect, "VpsAdmin", DefaultParameterSetName = WithCredential)]
[OutputType(typeof(VpsAdminConnection))]
public sealed class ConnectVpsAdminCommand : VpsCmdlet
{
    private const string WithCredential = "Credential";
    private const string WithToken = "Token";

    // Not an enum field: the engine loads this type to learn of the module before OnImport can tell where the enum's assembly is.
    private int _lifetime = (int)TokenLifetime.RenewableAuto;

    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNull]
    public Uri Uri { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ParameterSetName = WithCredential)]
    [Credential]
    public PSCredential Credential { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = WithToken)]
    [ValidateNotNull]
    public SecureString Token { get; set; } = null!;

    [Parameter(ParameterSetName = WithCredential)]
    public TokenLifetime Lifetime
    {
        get => (TokenLifetime)_lifetime;
        set => _lifetime = (int)value;
    }

    [Parameter(ParameterSetName = WithCredential, HelpMessage = "Life of the token without use, up to a day; a number means seconds.")]
    [TimeSpanTransformation(TimeUnit.Seconds)]
    [ValidateTimeSpan("0.00:00:01", "1.00:00:00")]
    public TimeSpan Interval { get; set; } = TimeSpan.FromMinutes(20);

    protected override void EndProcessing()
    {
        var connection = Require(Uri, () =>
        {
            ConnectionFactory.Check(Uri);
            if (ConnectionFactory.SendsInTheClear(Uri))
                WriteWarning($"{Uri} is not encrypted: the password and all data can be read on the way. Use https.");
            return Await(cancel => ConnectionFactory.ConnectAsync(Uri, Authentication(), cancel));
        });
        DefaultConnection.Set(connection);
        WriteObject(connection, enumerateCollection: false);
    }

    private TokenAuthentication Authentication()
    {
        try
        {
            return ParameterSetName == WithToken
                ? TokenAuthentication.Use(Secret.Reveal(Token))
                : TokenAuthentication.Request(Credential.UserName, Secret.Reveal(Credential.Password), Lifetime, Interval);
        }
        catch (ArgumentException e)
        {
            // The library's message names the parameter, never its value.
            throw new VpsAdminException(Errors.InvalidCredential, "These credentials cannot be used: the user name or token is empty or has characters that no server issues.", Uri, e);
        }
    }
}
