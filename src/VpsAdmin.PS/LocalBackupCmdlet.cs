using System.Management.Automation;
using VpsAdmin.Zfs;

namespace VpsAdmin.PS;

/// <summary>A cmdlet that works with backups on this machine: it needs ZFS, and no connection.</summary>
public abstract class LocalBackupCmdlet : VpsCmdlet
{
    [Parameter(HelpMessage = "Run zfs with sudo when not root.")]
    public SwitchParameter Sudo { get; set; }

    private protected ZfsHost Zfs => new(new ZfsHostOptions(Sudo));
}
