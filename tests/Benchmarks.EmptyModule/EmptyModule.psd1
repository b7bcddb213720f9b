@{
    RootModule        = 'EmptyModule.dll'
    ModuleVersion     = '1.0'
    GUID              = '6d2f6f0a-7a86-4f0e-9a42-6b1d0f2e6c11'
    PowerShellVersion = '7.6'
    CmdletsToExport   = @('Get-Nothing')
}
