<#
.SYNOPSIS
    The project's tasks. Each is a few plain dotnet commands, which CONTRIBUTING.md names too: no task needs PowerShell.
.EXAMPLE
    ./build.ps1 -Task Build, Test
.EXAMPLE
    ./build.ps1 -Task Pack, Publish -Feed https://feed.example.org/v3/index.json
#>
[Diagnostics.CodeAnalysis.SuppressMessage('PSReviewUnusedParameter', '', Justification = 'Tasks use them, where the analyzer does not look.')]
param(
    [ValidateSet('Build', 'Test', 'Faults', 'Bench', 'Docs', 'Reference', 'Pack', 'Publish', 'QuickStart')]
    [string[]] $Task = 'Build',

    [ValidateSet('Debug', 'Release')]
    [string] $Configuration = 'Debug',

    # Where Publish puts the package: a NuGet feed, whose key is in NuGet's own configuration, or a folder.
    [string] $Feed,

    # An empty pool filesystem, such as tank/bench, for what Bench measures on ZFS; without one that is left out.
    [string[]] $Pool = @()
)

$ErrorActionPreference = 'Stop'

# A bare -- would be taken for PowerShell's own: it is quoted below.
function Invoke-DotNet {
    & dotnet @args
    if ($LASTEXITCODE -ne 0) { throw "dotnet $args ended with exit code $LASTEXITCODE." }
}

$tasks = @{
    Build      = { Invoke-DotNet build ([IO.Path]::Combine($PSScriptRoot, 'VpsAdmin.PS.sln')) -c $Configuration }
    Test       = { Invoke-DotNet test --solution ([IO.Path]::Combine($PSScriptRoot, 'VpsAdmin.PS.sln')) -c $Configuration }
    # The long run of docs/fault-laboratory.md: an hour or more.
    Faults     = {
        $env:VPSADMIN_FAULTS = 'full'
        try {
            Invoke-DotNet test --project ([IO.Path]::Combine($PSScriptRoot, 'tests', 'VpsAdmin.Faults.Tests')) -c $Configuration
            Invoke-DotNet test --project ([IO.Path]::Combine($PSScriptRoot, 'tests', 'VpsAdmin.NodeHost.Tests')) -c $Configuration --filter-class VpsAdmin.NodeHost.Tests.KilledAtRandomTests
            Invoke-DotNet test --project ([IO.Path]::Combine($PSScriptRoot, 'tests', 'VpsAdmin.Server.Tests')) -c $Configuration --filter-class VpsAdmin.Server.Tests.Api.FuzzedRequestTests
        }
        finally { $env:VPSADMIN_FAULTS = $null }
    }
    Bench      = { Invoke-DotNet run -c Release --project ([IO.Path]::Combine($PSScriptRoot, 'tests', 'Benchmarks')) '--' all $Pool }
    Pack       = { Invoke-DotNet pack ([IO.Path]::Combine($PSScriptRoot, 'packaging', 'module')) -c Release }
    # What Pack made last.
    Publish    = {
        if (-not $Feed) { throw 'Publish needs -Feed: the address of a feed, or a folder.' }
        $package = $null
        foreach ($file in [IO.DirectoryInfo]::new([IO.Path]::Combine($PSScriptRoot, 'out')).GetFiles('VpsAdmin.*.nupkg')) {
            if (-not $package -or $file.LastWriteTimeUtc -gt $package.LastWriteTimeUtc) { $package = $file }
        }
        if (-not $package) { throw 'There is no package in out. Pack first.' }
        Invoke-DotNet nuget push $package.FullName --source $Feed
    }
    QuickStart = { Invoke-DotNet run --project ([IO.Path]::Combine($PSScriptRoot, 'src', 'VpsAdmin.Shell')) '--' ([IO.Path]::Combine($PSScriptRoot, 'docs', 'quickstart.ps1')) }
    # en-US, which Get-Help reads, and the guide to errors, of the cmdlets' pages.
    Docs       = { Invoke-DotNet run --project ([IO.Path]::Combine($PSScriptRoot, 'src', 'VpsAdmin.Help')) '--' $PSScriptRoot }
    # Of the libraries, into out/libraries.
    Reference  = {
        Invoke-DotNet tool restore --tool-manifest ([IO.Path]::Combine($PSScriptRoot, '.config', 'dotnet-tools.json'))
        Invoke-DotNet docfx ([IO.Path]::Combine($PSScriptRoot, 'docs', 'libraries', 'docfx.json')) --warningsAsErrors
    }
}

foreach ($name in $Task) { & $tasks[$name] }
