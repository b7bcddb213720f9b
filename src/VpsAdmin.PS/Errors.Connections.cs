using System.Management.Automation;
using VpsAdmin.Client.Connections;

namespace VpsAdmin.PS;

internal static partial class Errors
{
    // Connections
    public static readonly ErrorKind ConnectionNotFound = new("ConnectionNotFound", ErrorCategory.ObjectNotFound,
        "List the connections with Get-VpsAdminConnection, or make one with Connect-VpsAdmin.");
    public static readonly ErrorKind EnvironmentIncomplete = new("EnvironmentIncomplete", ErrorCategory.InvalidArgument,
        "Set VPSADMIN_URL, and one of VPSADMIN_TOKEN and VPSADMIN_TOKEN_FILE, or none of them.");
    public static readonly ErrorKind SavedConnectionsUnsafe = new("SavedConnectionsUnsafe", ErrorCategory.SecurityError,
        "Nothing was read or written. If others may have read the tokens in it, end them on the server and connect anew.");
    public static readonly ErrorKind SavedConnectionsDamaged = new("SavedConnectionsDamaged", ErrorCategory.InvalidData,
        "Repair the file or remove it; then save the connections again with Connect-VpsAdmin -Save.");
    public static readonly ErrorKind SavedConnectionsBusy = new("SavedConnectionsBusy", ErrorCategory.ResourceBusy, "Try again when the other process has ended.");
    public static readonly ErrorKind VaultUnavailable = new("VaultUnavailable", ErrorCategory.NotInstalled,
        "Install and import Microsoft.PowerShell.SecretManagement with a vault, or save into the file, without -Vault.");
    public static readonly ErrorKind VaultFailed = new("VaultFailed", ErrorCategory.ResourceUnavailable,
        "Look at the vault with Get-SecretVault and Test-SecretVault; unlock it if it is locked.");
    public static readonly ErrorKind OAuthRefused = new("OAuthRefused", ErrorCategory.AuthenticationError,
        "Log in again with Connect-VpsAdmin -OAuth; check -ClientId and -ClientSecret.");
    public static readonly ErrorKind OAuthUntrusted = new("OAuthUntrusted", ErrorCategory.SecurityError,
        "If the address is that of the provider's login pages, name it with -TrustedOrigin.");

    // Any action of any resource
    public static readonly ErrorKind ResourceNotFound = new("ResourceNotFound", ErrorCategory.ObjectNotFound,
        "List the resources with Get-VpsAdminResource, and their actions with -Action *.");
    public static readonly ErrorKind InvalidParameter = new("InvalidParameter", ErrorCategory.InvalidArgument,
        "Look at what the action takes: (Get-VpsAdminResource RESOURCE -Action ACTION).Input.");

    private static ErrorKind KindOf(SavedConnectionFailure failure) => failure switch
    {
        SavedConnectionFailure.Unsafe => SavedConnectionsUnsafe,
        SavedConnectionFailure.Damaged => SavedConnectionsDamaged,
        SavedConnectionFailure.Busy => SavedConnectionsBusy,
        _ => throw new ArgumentOutOfRangeException(nameof(failure), failure, null),
    };
}
