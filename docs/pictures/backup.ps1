<#
.SYNOPSIS
    What the picture in the README shows: README.md beside it tells how it is recorded.
.DESCRIPTION
    A server and pools of its own, as in docs/quickstart.ps1; then the commands, each shown before it is run.
#>
$ErrorActionPreference = 'Stop'
$repository = [IO.Path]::GetDirectoryName([IO.Path]::GetDirectoryName($PSScriptRoot))
$lab = [IO.Path]::Combine($repository, 'tests', 'Lab', 'zfs-lab.sh')
$work = [IO.Directory]::CreateTempSubdirectory('vpsadmin-picture-').FullName

function Request-LabPool([string] $Name) { (& bash $lab pool $Name 1G --owner $PID).Split("`t")[0] }

function Write-RandomFile([string] $Path, [int] $Bytes) {
    $content = [byte[]]::new($Bytes)
    [Random]::Shared.NextBytes($content)
    [IO.File]::WriteAllBytes($Path, $content)
}

# As somebody would type it.
function Show([string] $Command) {
    [Console]::Write("`e[32mPS>`e[0m ")
    foreach ($letter in $Command.ToCharArray()) { [Console]::Write($letter); [Threading.Thread]::Sleep(30) }
    [Console]::WriteLine()
    . ([scriptblock]::Create($Command)) | Out-Default
    [Threading.Thread]::Sleep(1500)
}

& bash $lab start --owner $PID
$server = $null
try {
    $ProgressPreference = 'SilentlyContinue'
    $pool = Request-LabPool lab-vps
    $backup = Request-LabPool lab-backup
    & zfs create $backup/web1
    $server = Start-VpsAdminServer -DataPath $work/server -Pool $pool
    $dataset = Get-VpsDataset -Vps (New-Vps -Hostname web1).Id
    $id = $dataset.Id
    $files = & zfs get -H -o value mountpoint "$pool/$($dataset.Name)"
    Write-RandomFile $files/database 64MB
    $null = New-VpsSnapshot -Dataset $dataset
    Write-RandomFile $files/uploads 8MB
    $null = New-VpsSnapshot -Dataset $dataset
    $ProgressPreference = 'Continue'

    Show "Get-VpsSnapshot -Dataset $id"
    Show "Backup-VpsDataset -Dataset $id -Filesystem $backup/web1 -MaxRate 12MB"
    Write-RandomFile $files/mail 8MB
    Show "New-VpsSnapshot -Dataset $id"
    Show "Backup-VpsDataset $backup/web1"
    Show "Get-VpsBackup $backup/web1"
    [Threading.Thread]::Sleep(4000)
}
finally {
    if ($server) { $server | Stop-VpsAdminServer }
    & bash $lab stop --owner $PID
    [IO.Directory]::Delete($work, $true)
}
