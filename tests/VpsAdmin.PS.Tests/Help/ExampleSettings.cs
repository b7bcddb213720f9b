namespace VpsAdmin.PS.Tests.Help;

/// <summary>The examples of the cmdlets' pages that are not run as the others are.</summary>
internal static class ExampleSettings
{
    private const ExampleNeed Systems = ExampleNeed.Systems;
    private const ExampleNeed Moves = ExampleNeed.SecondNode;

    private const string FilesystemForEach = "Get-Vps | ForEach-Object { zfs create -p -o mountpoint=none \"backup/vps$($_.Id)\" }";
    private const string Four = "(@('web3', 'web4', 'web5', 'web6' | New-Vps -Node 1).Id)";
    private const string OneThere = "$there = New-Vps web7 -Node 2";
    private const string OneRunsThere = "$there = New-Vps web7 -Node 2 -Template busybox";
    private const string PlanOfTwo = "$plan5 = New-Plan (@('web3', 'web4' | New-Vps -Node 1).Id)";
    // One after the other: it has not ended when it is called off.
    private const string RunningPlan = "$plan5 = New-Plan " + Four + "\n$null = Start-VpsMigrationPlan 5";
    private const string CalledOff = "(Get-VpsMigrationPlan 5).State -like 'cancel*'";
    private const string Interrupted = "Suspend-Save 4242 vps.tar.gz";
    private const string Server = "Start-VpsAdminServer -DataPath /var/lib/vpsadmin -Pool tank/vps";
    private const string Stream = "$null = Save-VpsSnapshot -Id 4242 -Path ./vps101.dat.gz -Format Stream -Force";
    private const string Runs = "(Get-Vps 101).IsRunning";
    private const string Stopped = "101, 102 | Stop-Vps -Force";

    /// <summary>Of the examples that want more than the world of their page.</summary>
    public static IReadOnlyDictionary<(string Cmdlet, int Number), ExampleSetting> All { get; } = new Dictionary<(string, int), ExampleSetting>
    {
        [("Backup-Vps", 2)] = new(Before: FilesystemForEach),
        [("Backup-VpsDataset", 3)] = new(Before: "$null = New-VpsSnapshot -Dataset 101"),
        [("Backup-VpsDataset", 4)] = new(ExampleNeed.Pwsh, "zfs create -p tank/jobs/var\nzfs create tank/jobs/www\n$null = New-VpsSnapshot -Dataset 101/var\nSet-Content jobs.csv 'Dataset,Filesystem', '101/var,tank/jobs/var', '101/var/www,tank/jobs/www'",
            "(Get-VpsBackup tank/jobs/var).Newest -and (Get-VpsBackup tank/jobs/www).Newest"),
        [("Backup-VpsDataset", 5)] = new(Before: "zfs create tank/vps101\n$null = Backup-VpsDataset -Dataset 101 -Filesystem tank/vps101\n$null = New-VpsSnapshot -Dataset 101\n$null = [IO.Directory]::CreateDirectory('/var/lib/node_exporter')",
            Then: "[IO.File]::Exists('/var/lib/node_exporter/vps101.prom')"),
        [("Copy-Vps", 3)] = new(Moves),
        [("Get-Vps", 3)] = new(Systems, "Get-VpsSnapshotDownload | Remove-VpsSnapshotDownload -Confirm:$false; " + FilesystemForEach, "(Get-VpsBackup \"backup/vps$((Get-Vps 101).Id)\").Newest"),
        [("Get-VpsConsoleLog", 1)] = new(Systems),
        [("Get-VpsConsoleLog", 2)] = new(Systems),
        [("Get-VpsConsoleLog", 3)] = new(Systems),
        [("Get-VpsMigrationPlan", 2)] = new(Moves, PlanOfTwo),
        [("Get-VpsTransfer", 3)] = new(Before: Interrupted),
        [("Install-Vps", 1)] = new(Systems, Then: Runs),
        [("Move-Vps", 1)] = new(Moves, Then: "Wait-Plan; (Get-Vps 101).Node.Label -like 'node2*'"),
        [("Move-Vps", 2)] = new(Moves, "$null = 'web3', 'web4' | New-Vps -Node 1", "-not (Get-Vps -Node 1)"),
        [("Move-Vps", 3)] = new(Moves, "$vps103, $vps104 = @('web3', 'web4' | New-Vps -Node 1).Id\n$plan5 = New-Plan @()", "Wait-Plan; -not (Get-Vps -Node 1)"),
        [("New-Vps", 3)] = new(Systems, Then: "(Get-Vps -Hostname web1 | Where-Object IsRunning)"),
        [("Remove-VpsTransfer", 1)] = new(Before: Interrupted, Then: "-not [IO.File]::Exists('vps.tar.gz.part')"),
        [("Restart-Vps", 1)] = new(Systems, Then: Runs),
        [("Restart-Vps", 2)] = new(Systems, Then: Runs),
        [("Save-VpsSnapshot", 5)] = new(Before: "[IO.Directory]::Delete('archives', $true)\n$null = [IO.Directory]::CreateDirectory('archives')", Then: "[IO.Directory]::GetFiles('archives').Length -gt 3"),
        [("Send-VpsSnapshot", 5)] = new(ExampleNeed.Pwsh, "Set-Content ~/.vpsadmin-token (Get-Content /etc/vpsadmin/token)", Arguments: "-Id 4242"),
        [("Send-VpsSnapshot", 7)] = new(Then: "[IO.File]::Exists('/srv/4242.zfs.zst')"),
        [("Set-Vps", 2)] = new(Moves, OneThere),
        [("Start-Vps", 1)] = new(Systems, Stopped, Runs),
        [("Start-Vps", 2)] = new(Systems, Stopped, Runs),
        [("Start-Vps", 3)] = new(Systems, Stopped, "Wait-Chain; " + Runs),
        [("Start-VpsMigrationPlan", 1)] = new(Moves, PlanOfTwo, "Wait-Plan; (Get-VpsMigrationPlan 5).State -eq 'done'"),
        [("Start-VpsMigrationPlan", 2)] = new(Moves, PlanOfTwo, "(Get-VpsMigrationPlan 5).State -eq 'done'"),
        [("Start-VpsMigrationPlan", 3)] = new(Moves, PlanOfTwo, "(Get-VpsMigrationPlan 5).State -eq 'staged'"),
        [("Stop-Vps", 1)] = new(Systems, Then: "-not " + Runs),
        [("Stop-Vps", 2)] = new(Systems | Moves, OneRunsThere, "Wait-Chain; -not (Get-Vps $there.Id).IsRunning"),
        [("Stop-Vps", 3)] = new(Systems, "Start-Vps 101", "-not " + Runs),
        [("Stop-VpsAdminServer", 1)] = new(Before: "$null = " + Server),
        [("Stop-VpsAdminServer", 3)] = new(Before: "$null = " + Server, Then: "Stop-VpsAdminServer; $true"),
        [("Stop-VpsMigrationPlan", 1)] = new(Moves, RunningPlan, CalledOff),
        [("Stop-VpsMigrationPlan", 2)] = new(Moves, RunningPlan, CalledOff),
        [("Stop-VpsMigrationPlan", 3)] = new(Moves, RunningPlan, "(Get-VpsMigrationPlan 5).State -eq 'running'"),
        [("Test-VpsAdminConsistency", 1)] = new(Before: Server + " | Stop-VpsAdminServer"),
        [("Test-VpsAdminConsistency", 3)] = new(ExampleNeed.Database),
        [("Test-VpsSnapshotStream", 1)] = new(Before: Stream),
        [("Test-VpsSnapshotStream", 2)] = new(Before: Stream),
        [("Test-VpsSnapshotStream", 4)] = new(Before: "$null = Save-VpsSnapshot -Id 4242 -Path /srv/streams/vps101.dat.gz -Format Stream -Force"),
        [("Unregister-VpsBackupSchedule", 1)] = new(Before: "$null = Register-VpsBackupSchedule tank/backup/web -Uri https://api.example.org -TokenPath /etc/vpsadmin/token -At 02:30", Then: "-not (Get-VpsBackupSchedule)"),
        [("Wait-VpsTransactionChain", 1)] = new(Before: "$null = New-VpsSnapshot -Dataset 101 -NoWait"),
    };

    /// <summary>Examples that are not run, with what keeps them. Their syntax and parameters are checked all the same.</summary>
    public static IReadOnlyDictionary<(string Cmdlet, int Number), string> NotRun { get; } = new Dictionary<(string, int), string>
    {
        [("Install-Vps", 2)] = "a template of Debian",
        [("Connect-VpsAdmin", 6)] = "a browser, and somebody before it; OAuthConnectionTests log in so",
    };
}
