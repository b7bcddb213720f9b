<#
.SYNOPSIS
    The main job from end to end, on a real ZFS: snapshot on a server, back up, download, send, compare.

.DESCRIPTION
    Runs on a machine where nothing is set up: as root on Linux it makes a ZFS available by itself (tests/Lab), with pools
    on sparse files in a temporary folder, and takes all of it away again.

    Written with the PowerShell engine and this module alone, so that it runs unchanged in pwsh and in VpsAdmin.Shell:

        dotnet run --project src/VpsAdmin.Shell -- docs/quickstart.ps1

.PARAMETER Pool
    Use this pool of yours instead of making pools: everything happens in new datasets below POOL/vpsadmin-quickstart, which must
    not exist yet.

.PARAMETER Keep
    Leave the server's data, the datasets and the files for you to look at; says where they are and how to remove them.
#>
param(
    [string] $Pool,
    [switch] $Keep
)

$ErrorActionPreference = 'Stop'
$repository = [IO.Path]::GetDirectoryName($PSScriptRoot)
Import-Module ([IO.Path]::Combine($repository, 'VpsAdmin.psd1'))

$work = [IO.Directory]::CreateTempSubdirectory('vpsadmin-quickstart-').FullName
$lab = [IO.Path]::Combine($repository, 'tests', 'Lab', 'zfs-lab.sh')
$report = [Collections.Generic.List[object]]::new()
$clock = [Diagnostics.Stopwatch]::StartNew()
$server = $null
$root = $null

# The lab takes pools away when their owner is gone. What is kept belongs to process 1, until it is removed or the machine restarts.
$owner = if ($Keep) { '1' } else { "$PID" }

function Say([string] $Text) { $Host.UI.WriteLine($Text) }

# Runs a native program and stops the script when it fails.
function Invoke-Native([string] $Program, [string[]] $Arguments) {
    $output = & $Program @Arguments
    if ($LASTEXITCODE -ne 0) { throw "$Program $Arguments ended with exit code $LASTEXITCODE." }
    $output
}

function Format-Size([long] $Bytes) { '{0:N1} MiB' -f ($Bytes / 1MB) }

# One row of the closing table; the time is the time since the row before.
function Add-Row([string] $Step, [string] $Result, [string] $Size = '') {
    Say "${Step}: $Result $Size"
    $report.Add([pscustomobject]@{ Step = $Step; Result = $Result; Size = $Size; Time = '{0:N2} s' -f $clock.Elapsed.TotalSeconds })
    $clock.Restart()
}

function Write-RandomFile([string] $Path, [int] $Bytes) {
    $content = [byte[]]::new($Bytes)
    [Random]::Shared.NextBytes($content)
    [IO.File]::WriteAllBytes($Path, $content)
}

# A dataset that was in use a moment ago may be busy still.
function Clear-Dataset([string] $Name) {
    & bash -c 'for try in 1 2 3 4 5 6 7 8 9 10; do zfs destroy -r "$0" 2>/dev/null && exit 0; sleep 0.5; done; zfs destroy -r "$0"' $Name
}

# A snapshot cannot be read in place on every ZFS; a clone can.
function Test-SameContent([string] $Folder, [string] $Snapshot, [string] $Clone) {
    $mountpoint = [IO.Path]::Combine($work, 'compare')
    Invoke-Native zfs @('clone', '-o', 'readonly=on', '-o', "mountpoint=$mountpoint", $Snapshot, $Clone)
    try { Invoke-Native diff @('-r', $Folder, $mountpoint) }
    finally { Clear-Dataset $Clone }
}

try {
    # 1. A ZFS with a place for the server's VPSes and another for the backups.
    if ($Pool) {
        # What is there already is not ours: when this fails, nothing is taken away below.
        Invoke-Native zfs @('create', "$Pool/vpsadmin-quickstart")
        $root = "$Pool/vpsadmin-quickstart"
        $vpsPool = "$root/vps"
        $backupPool = "$root/backup"
    }
    else {
        Say 'Making a ZFS available ...'
        Invoke-Native bash @($lab, 'start', '--owner', $owner) | Out-Null
        $source = (Invoke-Native bash @($lab, 'pool', "lab-quick$PID-src", '1G', '--owner', $owner)).Split("`t")[0]
        $target = (Invoke-Native bash @($lab, 'pool', "lab-quick$PID-dst", '1G', '--owner', $owner)).Split("`t")[0]
        $vpsPool = "$source/vps"
        $backupPool = "$target/backup"
    }
    Invoke-Native zfs @('create', $vpsPool)
    Invoke-Native zfs @('create', $backupPool)
    Add-Row 'ZFS' "$vpsPool, $backupPool"

    # 2. A server, and a VPS on it with files of its own.
    $server = Start-VpsAdminServer -DataPath ([IO.Path]::Combine($work, 'server')) -Pool $vpsPool
    Add-Row 'Server' "$($server.Uri)"

    $vps = New-Vps -Hostname 'quickstart'
    $dataset = Get-VpsDataset -Vps $vps.Id
    $files = Invoke-Native zfs @('get', '-H', '-o', 'value', 'mountpoint', "$vpsPool/$($dataset.Name)")
    Write-RandomFile ([IO.Path]::Combine($files, 'database.bin')) 48MB
    [IO.File]::WriteAllText([IO.Path]::Combine($files, 'notes.txt'), 'the only copy')
    $first = New-VpsSnapshot -Dataset $dataset.Id
    Add-Row 'VPS and snapshot' "$($dataset.Name)@$($first.Name)" (Format-Size 48MB)

    # 3. The first backup is a full one.
    $backup = Backup-VpsDataset -Dataset $dataset.Id -Filesystem $backupPool
    Add-Row 'Backup, full' "$($backup.SnapshotsAdded.Count) snapshot" (Format-Size $backup.Bytes)

    # 4. More work on the VPS; the backup takes only what is new. The filesystem remembers its dataset.
    Write-RandomFile ([IO.Path]::Combine($files, 'upload.bin')) 8MB
    New-VpsSnapshot -Dataset $dataset.Id | Out-Null
    Write-RandomFile ([IO.Path]::Combine($files, 'upload2.bin')) 8MB
    $latest = New-VpsSnapshot -Dataset $dataset.Id
    $backup = Backup-VpsDataset -Filesystem $backupPool
    Add-Row 'Backup, incremental' "$($backup.SnapshotsAdded.Count) snapshots" (Format-Size $backup.Bytes)

    $backup = Backup-VpsDataset -Filesystem $backupPool
    Add-Row 'Backup, nothing new' "$($backup.SnapshotsAdded.Count) snapshots" (Format-Size $backup.Bytes)

    Test-SameContent $files "$backupPool/$($backup.HistoryId)@$($latest.Name)" "$backupPool/compare"
    Add-Row 'Compare the backup' 'every byte is the same'

    # 5. A snapshot as an archive: interrupted on purpose in the middle, then resumed.
    $archive = [IO.Path]::Combine($work, 'vps.tar.gz')
    $runspace = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
    $runspace.Open()
    $interrupted = [powershell]::Create($runspace)
    $null = $interrupted.AddScript({
            param($Module, $Connection, $Id, $Path)
            Import-Module $Module
            Save-VpsSnapshot -Connection $Connection -Id $Id -Path $Path -MaxRate 16MB
        }).AddArgument([IO.Path]::Combine($repository, 'VpsAdmin.psd1')).AddArgument($server).AddArgument($latest.Id).AddArgument($archive)
    $run = $interrupted.BeginInvoke()
    $part = [IO.FileInfo]::new("$archive.part")
    while (-not $run.AsyncWaitHandle.WaitOne(50)) {
        $part.Refresh()
        if ($part.Exists -and $part.Length -gt 8MB) { $interrupted.Stop() }
    }
    $interrupted.Dispose()
    $runspace.Dispose()
    $part.Refresh()
    Add-Row 'Save, interrupted' "$($part.Name)" (Format-Size $part.Length)

    $saved = Save-VpsSnapshot -Id $latest.Id -Path $archive -Resume
    Add-Row 'Save, resumed' "from $(Format-Size $saved.ResumedFrom), SHA-256 verified" (Format-Size $saved.Bytes)

    $unpacked = [IO.Directory]::CreateDirectory([IO.Path]::Combine($work, 'unpacked')).FullName
    Invoke-Native tar @('-xzf', $archive, '-C', $unpacked)
    $unpackedRoot = [IO.Directory]::GetFiles($unpacked, 'notes.txt', 'AllDirectories')[0]
    Invoke-Native diff @('-r', $files, [IO.Path]::GetDirectoryName($unpackedRoot))
    Add-Row 'Compare the archive' 'every byte is the same'

    # 6. The raw stream into a program of one's own choice, like zfs send.
    Send-VpsSnapshot -Id $latest.Id | zfs receive "$backupPool/sent"
    if ($LASTEXITCODE -ne 0) { throw "zfs receive ended with exit code $LASTEXITCODE." }
    Test-SameContent $files "$backupPool/sent@$($latest.Name)" "$backupPool/compare"
    Add-Row 'Send | zfs receive' 'received; every byte is the same'

    $report | Out-Default
}
finally {
    if ($server) { $server | Stop-VpsAdminServer }
    if ($Keep) {
        Say "Kept: files and the server's data in $work; datasets $vpsPool and $backupPool."
        Say "Start the server again:  Start-VpsAdminServer -DataPath $work/server -Pool $vpsPool"
        if ($Pool) { Say "Remove it all:           zfs destroy -r $root; rm -r $work" }
        else { Say "Remove it all:           bash $lab stop --owner $owner; rm -r $work" }
    }
    else {
        if ($root) { Clear-Dataset $root }
        if (-not $Pool) { Invoke-Native bash @($lab, 'stop', '--owner', $owner) | Out-Null }
        [IO.Directory]::Delete($work, $true)
    }
}
