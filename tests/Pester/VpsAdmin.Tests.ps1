#Requires -Modules @{ ModuleName = 'Pester'; RequiredVersion = '6.2.0' }

# What a person would type, in a real pwsh. The tests in C# cover more, in the bare engine; here is what only pwsh has: its own formatting
# cmdlets, Get-Help, tab completion, and its pipes between native programs.
BeforeAll {
    $script:manifest = Join-Path $PSScriptRoot '../../VpsAdmin.psd1'
    Import-Module $manifest -Force
}

AfterAll {
    Remove-Module VpsAdmin
}

Describe 'The module' {
    It 'has a manifest without faults' {
        Test-ModuleManifest $manifest | Should -Not -BeNullOrEmpty
    }

    It 'has a page of help for <_>' -ForEach (Import-PowerShellDataFile (Join-Path $PSScriptRoot '../../VpsAdmin.psd1')).CmdletsToExport {
        Join-Path $PSScriptRoot "../../docs/cmdlets/$_.md" | Should -Exist
    }

    It 'exports nothing but its cmdlets' {
        $module = Get-Module VpsAdmin
        $module.ExportedFunctions.Count | Should -Be 0
        $module.ExportedAliases.Count | Should -Be 0
        $module.ExportedVariables.Count | Should -Be 0
    }
}

Describe 'Without a connection' {
    It 'says how to connect: <_>' -ForEach 'Get-Vps', 'Get-VpsDataset', 'Get-VpsSnapshot -Dataset 1', 'Save-VpsSnapshot -Id 1' {
        { & ([scriptblock]::Create("$_ -ErrorAction Stop")) } | Should -Throw -ErrorId 'NotConnected*'
    }
}

Describe 'Tab completion' {
    It 'completes formats' {
        $line = 'Save-VpsSnapshot -Id 1 -Format '
        (TabExpansion2 $line $line.Length).CompletionMatches.CompletionText | Should -Contain 'IncrementalStream'
    }

    It 'does not fail, or wait, without a connection' {
        $line = 'Get-VpsSnapshot -Dataset '
        { TabExpansion2 $line $line.Length } | Should -Not -Throw
    }
}
