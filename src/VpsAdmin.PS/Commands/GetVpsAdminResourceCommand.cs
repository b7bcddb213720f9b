using System.Management.Automation;
using VpsAdmin.HaveApi;
using VpsAdmin.PS.Actions;
using VpsAdmin.PS.Completion;

namespace VpsAdmin.PS.Commands;

/// <summary>What the connected server offers this account: resources, or with <c>-Action</c> their actions and what these take.</summary>
[Cmdlet(VerbsCommon.Get, "VpsAdminResource")]
[OutputType(typeof(DescribedResource), typeof(DescribedAction))]
public sealed class GetVpsAdminResourceCommand : ConnectedCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, HelpMessage = "Paths of names, such as dataset.snapshot; wildcards are understood.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ResourceNameCompleter))]
    public string[]? Resource { get; set; }

    [Parameter(Position = 1, HelpMessage = "Names or aliases; wildcards are understood.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ActionNameCompleter))]
    public string[]? Action { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Resource ?? ["*"])
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            var resources = Offer.Of(Client.Api).Where(r => pattern.IsMatch(r.Path)).ToList();
            if (resources.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteError(Errors.Describe(Errors.ResourceNotFound, $"The server describes no resource '{name}' to this account.", name));
            if (Action is null)
                WriteObject(resources, enumerateCollection: true);
            else
                WriteActions(resources);
        }
    }

    private void WriteActions(List<DescribedResource> resources)
    {
        var all = resources.SelectMany(r => r.Actions).ToList();
        foreach (var name in Action!)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            var matches = all.Where(a => a.Matches(pattern.IsMatch)).ToList();
            WriteObject(matches, enumerateCollection: true);
            if (matches.Count == 0 && resources.Count > 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteError(Errors.Describe(Errors.ResourceNotFound,
                    $"The server describes no action '{name}' of {string.Join(", ", resources.Select(r => r.Path))} to this account.", name));
        }
    }
}
