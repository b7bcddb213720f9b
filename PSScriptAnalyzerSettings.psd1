@{
    Severity     = @('Error', 'Warning')
    IncludeRules = @('*')
    # Progress of the quick start is for people at a terminal.
    ExcludeRules = @('PSAvoidUsingWriteHost')
    Rules        = @{
        PSUseCompatibleSyntax        = @{ Enable = $true; TargetVersions = @('7.6') }
        PSUseConsistentIndentation   = @{ Enable = $true; IndentationSize = 4; PipelineIndentation = 'IncreaseIndentationForFirstPipeline' }
        PSAvoidUsingDoubleQuotesForConstantString = @{ Enable = $true }
    }
}
