using System.Management.Automation;
using System.Security;

namespace VpsAdmin.PS.Connections;

/// <summary>
/// Tokens in a vault of the module Microsoft.PowerShell.SecretManagement, where the user has that. Its commands are called as a user would
/// call them, on the pipeline thread; this module does not depend on it.
/// </summary>
internal static class SecretVault
{
    /// <exception cref="VpsAdminException">This session has no commands for vaults.</exception>
    public static void Demand(PSCmdlet cmdlet, string vault) => Demand(cmdlet, "Set-Secret", vault);

    public static void Write(PSCmdlet cmdlet, string vault, string connection, SecureString token) =>
        Call(cmdlet, "Set-Secret", vault, connection, shell => shell.AddParameter("Secret", token));

    /// <exception cref="VpsAdminException">The vault does not have it, or cannot be asked.</exception>
    public static SecureString Read(PSCmdlet cmdlet, string vault, string connection) =>
        Call(cmdlet, "Get-Secret", vault, connection, shell => shell) is [{ BaseObject: SecureString token }]
            ? token
            : throw new VpsAdminException(Errors.VaultFailed, $"The vault '{vault}' has no secret text named '{SecretName(connection)}'.", vault);

    public static void Remove(PSCmdlet cmdlet, string vault, string connection) =>
        Call(cmdlet, "Remove-Secret", vault, connection, shell => shell);

    private static string SecretName(string connection) => $"VpsAdmin-{connection}";

    private static void Demand(PSCmdlet cmdlet, string command, string vault)
    {
        if (cmdlet.InvokeCommand.GetCommand(command, CommandTypes.Cmdlet | CommandTypes.Function) is null)
            throw new VpsAdminException(Errors.VaultUnavailable, $"A vault needs the command {command}, which this session does not have.", vault);
    }

    private static IReadOnlyList<PSObject> Call(PSCmdlet cmdlet, string command, string vault, string connection, Func<PowerShell, PowerShell> add)
    {
        Demand(cmdlet, command, vault);
        using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
        add(shell.AddCommand(command).AddParameter("Name", SecretName(connection)).AddParameter("Vault", vault)).AddParameter("ErrorAction", ActionPreference.Stop);
        try
        {
            return [.. shell.Invoke()];
        }
        catch (RuntimeException e) when (e is not PipelineStoppedException)
        {
            throw new VpsAdminException(Errors.VaultFailed, $"{command} of the vault '{vault}' failed: {e.Message}", vault, e);
        }
    }
}
