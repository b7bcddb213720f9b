using System.Management.Automation;
using VpsAdmin.HaveApi.Catalogue;
using VpsAdmin.PS.Completion;

namespace VpsAdmin.PS.Commands;

/// <summary>What the connected server offers this account: resources, or with <c>-Action</c> their actions and what these take.</summary>
[Cmdlet(VerbsCommon.Get, "VpsAdminResource")]
[OutputType(typeof(ApiResource), typeof(ApiAction))]
public sealed class GetVpsAdminResourceCommand : ConnectedCmdlet
{
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true, HelpMessage = "Paths of names, such as dataset.snapshot; wildcards are understood.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ResourceNameCompleter))]
    public string[] Resource { get; set; } = ["*"];

    [Parameter(Position = 1, HelpMessage = "Names or aliases; wildcards are understood.")]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ActionNameCompleter))]
    public string[]? Action { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var name in Resource)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            var resources = ApiCatalogue.Resources(Client.Api.Description).Where(r => pattern.IsMatch(r.Resource)).ToList();
            if (resources.Count == 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteError(Errors.Describe(Errors.ResourceNotFound, $"The server describes no resource '{name}' to this account.", name));
            if (Action is null)
                WriteObject(resources, enumerateCollection: true);
            else
                WriteActions(resources);
        }
    }

    private void WriteActions(List<ApiResource> resources)
    {
        var all = resources.SelectMany(r => ApiCatalogue.Actions(Client.Api.Description, r.Resource)).ToList();
        foreach (var name in Action!)
        {
            var pattern = new WildcardPattern(name, WildcardOptions.IgnoreCase);
            var matches = all.Where(a => a.Aliases.Prepend(a.Action).Any(pattern.IsMatch)).ToList();
            WriteObject(matches, enumerateCollection: true);
            if (matches.Count == 0 && resources.Count > 0 && !WildcardPattern.ContainsWildcardCharacters(name))
                WriteError(Errors.Describe(Errors.ResourceNotFound,
                    $"The server describes no action '{name}' of {string.Join(", ", resources.Select(r => r.Resource))} to this account.", name));
        }
    }
}
