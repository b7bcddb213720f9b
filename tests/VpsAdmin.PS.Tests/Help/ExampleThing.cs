namespace VpsAdmin.PS.Tests.Help;

/// <summary>What examples may find where they run, besides a pool.</summary>
internal enum ExampleThing
{
    /// <summary>The file /etc/vpsadmin/token.</summary>
    Token,
    /// <summary>The filesystem backup/vps101, without a backup.</summary>
    EmptyBackup,
    /// <summary>A backup of VPS 101 in backup/vps101.</summary>
    Backup,
    /// <summary>A backup of VPS 101 in tank/backup/web.</summary>
    WebBackup,
    /// <summary>tank/vps, tank/restored, and backup/web1.</summary>
    Filesystems,
    /// <summary>The folder ./archives.</summary>
    Archives,
    /// <summary>The folder ./streams.</summary>
    Streams,
    /// <summary>The folder /srv/streams.</summary>
    StreamStore,
    /// <summary>A disk, mounted at /media/usb.</summary>
    Disk,
}
