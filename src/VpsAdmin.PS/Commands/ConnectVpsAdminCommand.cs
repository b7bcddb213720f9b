using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;
using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Connections;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Commands;

/// <summary>
/// Opens a session with a vpsAdmin server, or goes on with a saved one, and makes it the default of this PowerShell session.
/// </summary>
[Cmdlet(VerbsCommunications.Connect, "VpsAdmin", DefaultParameterSetName = WithCredential)]
[OutputType(typeof(VpsAdminConnection))]
public sealed class ConnectVpsAdminCommand : SessionCmdlet
{
    private const string WithCredential = "Credential";
    private const string WithToken = "Token";
    private const string WithOAuth = "OAuth";

    // Not an enum field: the engine loads this type to learn of the module before OnImport can tell where the enum's assembly is.
    private int _lifetime = (int)TokenLifetime.RenewableAuto;

    [Parameter(Position = 0, HelpMessage = "Address of the API; by default that of the saved connection -Name.")]
    [ValidateNotNull]
    public Uri? Uri { get; set; }

    [Parameter(Position = 1, ParameterSetName = WithCredential, HelpMessage = "Asked for when there is an address without it.")]
    [Credential]
    public PSCredential? Credential { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = WithToken)]
    [ValidateNotNull]
    public SecureString Token { get; set; } = null!;

    [Parameter(Mandatory = true, ParameterSetName = WithOAuth, HelpMessage = "Log in with the browser.")]
    public SwitchParameter OAuth { get; set; }

    [Parameter(Mandatory = true, ParameterSetName = WithOAuth, HelpMessage = "What the server's OAuth2 provider knows this client as.")]
    [ValidateNotNullOrEmpty]
    public string ClientId { get; set; } = null!;

    [Parameter(ParameterSetName = WithOAuth)]
    [ValidateNotNull]
    public SecureString? ClientSecret { get; set; }

    [Parameter(ParameterSetName = WithOAuth, HelpMessage = "Address of the login pages, where that is not the API's own.")]
    [ValidateNotNull]
    public Uri[]? TrustedOrigin { get; set; }

    [Parameter(ParameterSetName = WithOAuth, HelpMessage = "Address of this machine that the provider knows; by default any free port.")]
    [ValidateNotNull]
    public Uri? RedirectUri { get; set; }

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

    [Parameter(ParameterSetName = WithCredential, HelpMessage = "One-time code of the second factor; asked for when it is needed.")]
    [ValidateNotNullOrEmpty]
    public string? TotpCode { get; set; }

    [Parameter(HelpMessage = "What -Connection of other commands takes; alone, a saved connection to go on with.")]
    [ValidateConnectionName]
    [ArgumentCompleter(typeof(ConnectionNameCompleter))]
    public string? Name { get; set; }

    [Parameter(HelpMessage = "Keep the token for later processes, and make it their default.")]
    public SwitchParameter Save { get; set; }

    [Parameter(ParameterSetName = WithCredential, HelpMessage = "Keep the token in this vault of SecretManagement instead of a file.")]
    [Parameter(ParameterSetName = WithToken, HelpMessage = "Keep the token in this vault of SecretManagement instead of a file.")]
    [ValidateNotNullOrEmpty]
    public string? Vault { get; set; }

    private bool IsSaving => Save || Vault is not null;

    private bool IsLogin => ParameterSetName != WithCredential || Uri is not null || Credential is not null;

    protected override void EndProcessing()
    {
        var connection = Require(Uri ?? (object?)Name, () => IsLogin ? Login() : GoOn());
        SessionConnections.Here.SetDefault(connection);
        WriteObject(connection, enumerateCollection: false);
    }

    /// <summary>With what is there: a saved connection, or what the environment names.</summary>
    private VpsAdminConnection GoOn()
    {
        if (Vault is not null || (IsSaving && Name is null))
            throw new VpsAdminException(Errors.InvalidCombination,
                "-Save keeps a new login; with only the -Name of a saved connection it makes that the default of later processes.", Name);
        if (Name is null)
            return FindUsual() ?? throw new VpsAdminException(Errors.NotConnected,
                $"There is neither an address to connect to, nor {EnvironmentConnection.UrlVariable}, nor a saved connection.", null);
        var connection = Find(new VpsAdminConnection(Name));
        if (IsSaving && FindSaved(Name) is { } saved)
            Await(cancel => Store.UpdateAsync(all => all.With(saved), cancel));
        return connection;
    }

    private VpsAdminConnection Login()
    {
        var uri = Uri ?? (Name is null ? null : FindSaved(Name)?.Uri)
            ?? throw new VpsAdminException(Errors.InvalidUri, "There is no address to connect to, and no saved connection of this name that has one.", Name);
        ConnectionFactory.Check(uri);
        // What cannot be saved is said before a token is made that nobody would end.
        if (IsSaving)
            Store.Read();
        if (Vault is not null)
            SecretVault.Demand(this, Vault);
        WarnOfClearText(uri);

        var name = Name ?? ConnectionName.Of(uri);
        var keeper = new ConnectionKeeper(name, Vault, SaveQuietly);
        var connection = ParameterSetName switch
        {
            WithToken => Await(cancel => ConnectionFactory.ResumeAsync(name, uri, UseToken(Secret.Reveal(Token), uri), cancel)),
            WithOAuth => Await((messages, cancel) => ConnectionFactory.ConnectAsync(name, uri, ByBrowser(keeper, messages), cancel)),
            _ => ByPassword(name, uri, keeper),
        };
        if (IsSaving)
            Keep(connection, keeper);
        return connection;
    }

    private VpsAdminConnection ByPassword(string name, Uri uri, ConnectionKeeper keeper)
    {
        var credential = Credential ?? AskCredential(uri);
        // A token that ends by itself is of little use to a job of next week.
        var lifetime = IsSaving && !MyInvocation.BoundParameters.ContainsKey(nameof(Lifetime)) ? TokenLifetime.Permanent : Lifetime;
        try
        {
            return Await((messages, cancel) => ConnectionFactory.ConnectAsync(name, uri, TokenAuthentication.Request(
                credential.UserName, Secret.Reveal(credential.Password), lifetime, Interval, new HostLoginPrompt(messages, TotpCode), changed: keeper.Update), cancel));
        }
        catch (ArgumentException e)
        {
            // The library's message names the parameter, never its value.
            throw new VpsAdminException(Errors.InvalidCredential, "These credentials cannot be used: the user name is empty.", uri, e);
        }
    }

    private OAuthAuthentication ByBrowser(ConnectionKeeper keeper, PipelineMessages messages)
    {
        var client = new OAuthClient(ClientId, ClientSecret is null ? null : Secret.Reveal(ClientSecret)) { TrustedOrigins = TrustedOrigin ?? [] };
        if (RedirectUri is not null)
            client = client with { RedirectUri = RedirectUri };
        keeper.Client = client;
        return OAuthAuthentication.Authorize(client, (page, _) =>
        {
            Browser.Open(page, messages);
            return Task.CompletedTask;
        }, keeper.Update);
    }

    private PSCredential AskCredential(Uri uri)
    {
        try
        {
            return Host.UI.PromptForCredential("vpsAdmin", $"User name and password for {uri}", "", "")
                ?? throw new VpsAdminException(Errors.InvalidCredential, "No user name and password were given.", uri);
        }
        catch (Exception e) when (e is HostException or InvalidOperationException or NotImplementedException or NotSupportedException or IOException)
        {
            throw new VpsAdminException(Errors.InvalidCredential, "There is no user name and password, and nobody to ask.", uri, e);
        }
    }

    /// <summary>A token that cannot be saved is given back.</summary>
    private void Keep(VpsAdminConnection connection, ConnectionKeeper keeper)
    {
        try
        {
            if (Vault is not null)
                SecretVault.Write(this, Vault, connection.Name, keeper.TokenOf(connection));
            Await(cancel => keeper.SaveAsync(Store, connection, cancel));
        }
        catch
        {
            Attempt(connection, () => Await(connection.CloseAsync));
            throw;
        }
    }
}
