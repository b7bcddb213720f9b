@{
    RootModule           = 'lib/VpsAdmin.PS.dll'
    ModuleVersion        = '0.1.0'
    GUID                 = '0f6c9d0e-6a52-4d5b-9b0e-3c7f4a1de2b8'
    Author               = 'VpsAdmin.PS contributors'
    CompanyName          = 'VpsAdmin.PS contributors'
    Copyright            = '(c) VpsAdmin.PS contributors'
    Description          = 'Off-site backup of virtual servers on ZFS: snapshots of a vpsAdmin server as files, as ZFS streams in a pipe, and as incremental backups in a pool of your own.'
    CompatiblePSEditions = @('Core')
    PowerShellVersion    = '7.6'
    FormatsToProcess     = @('lib/Backup.Format.ps1xml', 'lib/Chains.Format.ps1xml', 'lib/Connections.Format.ps1xml', 'lib/Consistency.Format.ps1xml', 'lib/Downloads.Format.ps1xml', 'lib/Keeping.Format.ps1xml', 'lib/Migrations.Format.ps1xml', 'lib/Streams.Format.ps1xml', 'lib/VpsAdmin.Format.ps1xml')
    CmdletsToExport      = @(
        'Backup-Vps'
        'Backup-VpsDataset'
        'Connect-VpsAdmin'
        'Copy-Vps'
        'Disconnect-VpsAdmin'
        'Get-Vps'
        'Get-VpsAdminConnection'
        'Get-VpsAdminResource'
        'Get-VpsBackup'
        'Get-VpsBackupSchedule'
        'Get-VpsConsoleLog'
        'Get-VpsDataset'
        'Get-VpsMigrationPlan'
        'Get-VpsSnapshot'
        'Get-VpsSnapshotDownload'
        'Get-VpsTransactionChain'
        'Get-VpsTransfer'
        'Install-Vps'
        'Invoke-VpsAdminAction'
        'Move-Vps'
        'New-Vps'
        'New-VpsDataset'
        'New-VpsSnapshot'
        'New-VpsSnapshotDownload'
        'Receive-VpsSnapshot'
        'Register-VpsBackupSchedule'
        'Remove-Vps'
        'Remove-VpsSnapshot'
        'Remove-VpsSnapshotDownload'
        'Remove-VpsTransfer'
        'Restart-Vps'
        'Restore-VpsBackup'
        'Restore-VpsSnapshot'
        'Save-VpsSnapshot'
        'Send-VpsSnapshot'
        'Set-Vps'
        'Start-Vps'
        'Start-VpsAdminServer'
        'Start-VpsMigrationPlan'
        'Stop-Vps'
        'Stop-VpsAdminServer'
        'Stop-VpsMigrationPlan'
        'Test-VpsAdminConsistency'
        'Test-VpsBackup'
        'Test-VpsSnapshotStream'
        'Unregister-VpsBackupSchedule'
        'Wait-VpsTransactionChain'
    )
    FunctionsToExport    = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        # Release notes come here when it is packed. The project has no address of its own that could be named, and help comes with the module.
        PSData = @{
            LicenseUri = 'https://licenses.nuget.org/MIT'
            Tags       = @('vpsAdmin', 'vpsFree', 'ZFS', 'Backup', 'Snapshot', 'PSEdition_Core', 'Linux', 'MacOS', 'Windows')
        }
    }
}
