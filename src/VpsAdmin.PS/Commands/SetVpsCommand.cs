using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Commands;

/// <summary>Changes what virtual servers are set up with. Limits of one that runs change at once.</summary>
[Cmdlet(VerbsCommon.Set, "Vps", SupportsShouldProcess = true)]
[OutputType(typeof(Vps))]
public sealed class SetVpsCommand : VpsWorkCmdlet
{
    [Parameter(HelpMessage = "New host name; its system takes it when it starts the next time.")]
    [ValidateNotNullOrEmpty]
    public string? Hostname { get; set; }

    [Parameter(HelpMessage = "Most memory, in MiB; 0: no limit. For administrators.")]
    [ValidateRange(0L, 1L << 24)]
    public long? Memory { get; set; }

    [Parameter(HelpMessage = "Most CPU time, in percent of one CPU; 0: no limit. For administrators.")]
    [ValidateRange(0, 100_000)]
    public int? CpuLimit { get; set; }

    [Parameter(HelpMessage = "Most processes and threads; 0: no limit. For administrators.")]
    [ValidateRange(0, 1 << 22)]
    public int? ProcessLimit { get; set; }

    [Parameter(HelpMessage = "All its addresses, with the lengths of their prefixes. For administrators.")]
    [AllowEmptyCollection]
    public string[]? IpAddress { get; set; }

    [Parameter(HelpMessage = "When it may be stopped for its node's sake, in UTC, such as 'Sun 01:00-05:00'; none: at any time.")]
    [AllowEmptyCollection]
    public string[]? MaintenanceWindow { get; set; }

    private protected override string Work => "Change the VPS";

    protected override void BeginProcessing()
    {
        base.BeginProcessing();
        if (Changes == new VpsChanges())
            Require<object?>(this, static () => throw new VpsAdminException(Errors.NothingToChange, "Nothing was named that is to be changed.", null));
    }

    private VpsChanges Changes => new(Hostname, Memory, CpuLimit, ProcessLimit, IpAddress, MaintenanceWindow);

    private protected override Task<long?> BeginAsync(long id, CancellationToken cancel) => Client.UpdateVpsAsync(id, Changes, cancel);
}
