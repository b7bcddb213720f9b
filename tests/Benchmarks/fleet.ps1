<#
.SYNOPSIS
    Backs up many small datasets: in full, with nothing to do, and with a little that is new.
.DESCRIPTION
    As root, below a pool filesystem that is empty; what is made there stays.

        dotnet run -c Release --project src/VpsAdmin.Shell -- tests/Benchmarks/fleet.ps1 -Pool tank/bench -Count 500
#>
[Diagnostics.CodeAnalysis.SuppressMessage('PSReviewUnusedParameter', '', Justification = 'Functions of the script use them, where the analyzer does not look.')]
param(
    [Parameter(Mandatory)] [string] $Pool,
    [int] $Count = 500,
    [int] $ThrottleLimit = 4,
    [string] $MaxRate = '1GB'
)

$ErrorActionPreference = 'Stop'
Import-Module ([IO.Path]::Combine([IO.Path]::GetDirectoryName([IO.Path]::GetDirectoryName($PSScriptRoot)), 'VpsAdmin.psd1'))
$data = [IO.Directory]::CreateTempSubdirectory('vpsadmin-fleet-').FullName
$clock = [Diagnostics.Stopwatch]::StartNew()

function Invoke-Zfs { & zfs @args; if ($LASTEXITCODE -ne 0) { throw "zfs $args ended with exit code $LASTEXITCODE." } }

function Measure-Run([string] $What) {
    $clock.Restart()
    $jobs | Backup-VpsDataset -ThrottleLimit $ThrottleLimit -MaxRate $MaxRate -InformationVariable said | & { process { } }
    $seconds = $clock.Elapsed.TotalSeconds
    foreach ($record in $said) { if ($record.Tags -contains 'BackupSummary') { $summary = $record.MessageData } }
    $Host.UI.WriteLine(('| {0} | {1:N1} | {2:N1} | {3} |' -f $What, $seconds, ($Count / $seconds), $summary))
}

function Add-Change([int] $Bytes) {
    foreach ($job in $jobs) {
        [IO.File]::WriteAllBytes((& zfs get -H -o value mountpoint "$Pool/vps/$($job.Name)") + '/file', [byte[]]::new($Bytes))
        $null = New-VpsSnapshot $job.Dataset
    }
}

Invoke-Zfs create "$Pool/vps"
# zfs-fuse mounts a thousand filesystems at most.
Invoke-Zfs create -o mountpoint=none "$Pool/copies"
$server = Start-VpsAdminServer $data "$Pool/vps"
try {
    $jobs = foreach ($number in 1..$Count) {
        $dataset = New-VpsDataset "small$number"
        Invoke-Zfs create "$Pool/copies/$number"
        [pscustomobject]@{ Dataset = $dataset.Id; Name = "small$number"; Filesystem = "$Pool/copies/$number" }
    }
    Add-Change 100KB
    $Host.UI.WriteLine("$Count datasets made in $([int]$clock.Elapsed.TotalSeconds) s; $ThrottleLimit at a time, $([Environment]::ProcessorCount) processors.`n")
    $Host.UI.WriteLine("| run | seconds | datasets per second | |`n|---|---|---|---|")
    Measure-Run 'in full'
    Measure-Run 'nothing to do'
    Add-Change 10KB
    Measure-Run 'an increment'
}
finally {
    Stop-VpsAdminServer
    [IO.Directory]::Delete($data, $true)
}
