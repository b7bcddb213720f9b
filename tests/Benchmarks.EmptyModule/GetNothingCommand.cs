using System.Management.Automation;

namespace VpsAdmin.Benchmarks.EmptyModule;

[Cmdlet(VerbsCommon.Get, "Nothing")]
public sealed class GetNothingCommand : PSCmdlet;
