namespace VpsAdmin.Zfs;

/// <param name="Sudo">Prefix commands with <c>sudo -n</c>; on this machine only when this process is not root.</param>
/// <param name="Program">The zfs program.</param>
/// <param name="Remote">Null: this machine. Else the Linux or FreeBSD machine whose zfs is used, over the system's <c>ssh</c>.</param>
public sealed record ZfsHostOptions(bool Sudo = false, string Program = "zfs", SshTarget? Remote = null);
