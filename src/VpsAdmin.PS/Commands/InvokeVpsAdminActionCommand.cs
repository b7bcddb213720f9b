using System.Collections;
using System.Management.Automation;
using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;
using VpsAdmin.PS.Actions;
using VpsAdmin.PS.Completion;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;

namespace VpsAdmin.PS.Commands;

/// <summary>Calls any action of any resource that the server describes, and waits for what it starts.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "VpsAdminAction", SupportsShouldProcess = true)]
[OutputType(typeof(PSObject))]
public sealed class InvokeVpsAdminActionCommand : ConnectedCmdlet
{
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true, HelpMessage = "Path of names, such as dataset.snapshot.")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ResourceNameCompleter))]
    public string Resource { get; set; } = null!;

    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true, HelpMessage = "Name or alias, such as index.")]
    [Alias("Name")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ActionNameCompleter))]
    public string Action { get; set; } = null!;

    [Parameter(Position = 2, ValueFromPipelineByPropertyName = true, HelpMessage = "Ids for the action's path, in their order.")]
    [ValidateNotNullOrEmpty]
    public string[]? Id { get; set; }

    [Parameter(Position = 3, HelpMessage = "Values by name; a null clears, what is not named stays as it is.")]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ActionParametersCompleter))]
    public IDictionary? Parameters { get; set; }

    [Parameter(HelpMessage = "Associations to have in full, such as user or parent__user.")]
    [ValidateNotNullOrEmpty]
    public string[]? Include { get; set; }

    [Parameter(HelpMessage = "So many objects of a list; by default all.")]
    [ValidateRange(1, int.MaxValue)]
    public int? First { get; set; }

    [Parameter(HelpMessage = "Do not wait for what goes on in the background.")]
    public SwitchParameter NoWait { get; set; }

    private string? _checked;
    private IReadOnlyList<string>? _ids;

    protected override void ProcessRecord()
    {
        var name = $"{Resource}#{Action}";
        Attempt(name, () =>
        {
            var ids = Id ?? [];
            var run = new ActionRun(Client, Resource, Action, ids);
            CheckIds(name, ids);
            var input = ActionInput.Read(run.Described?.Input, Parameters ?? new Hashtable());
            if (run.OnlyReads || ShouldProcess(ids.Length == 0 ? Resource : $"{Resource} {string.Join('/', ids)}", Action))
                Write(Await((messages, cancel) => RunAsync(run, name, input, messages, cancel)));
        });
    }

    private void CheckIds(string name, string[] given)
    {
        // Once for a whole pipeline: a description has hundreds of actions.
        if (_checked != name)
            _ids = Offer.Of(Client.Api).SelectMany(r => r.Actions).FirstOrDefault(a => a.Resource == Resource && a.Matches(n => n == Action))?.PathParameters;
        _checked = name;
        if (_ids is not null && _ids.Count != given.Length)
            throw new VpsAdminException(Errors.InvalidParameter,
                $"{name} takes {(_ids.Count == 0 ? "no ids" : $"the ids {string.Join(", ", _ids)}")}; {given.Length} were given.", given);
    }

    private async Task<ActionOutcome> RunAsync(ActionRun run, string name, JsonObject input, PipelineMessages messages, CancellationToken cancel)
    {
        var meta = new CallMeta(Include);
        if (NoWait)
            return await run.RunAsync(input, First, meta, progress: null, cancel).ConfigureAwait(false);
        using var progress = new ActionProgress(messages, Time, name);
        return await run.RunAsync(input, First, meta, progress, cancel).ConfigureAwait(false);
    }

    private void Write(ActionOutcome outcome)
    {
        var api = Client.Api;
        var reader = new ApiObject(api.Description.Meta.Namespace, resource => api.Has($"{resource}#show") ? api.Describe($"{resource}#show").Output : null);
        var objects = reader.Read(outcome).Take(First ?? int.MaxValue).ToList();
        if (NoWait && outcome.ActionStateId is { } state)
        {
            if (objects.Count == 0)
                objects.Add(new PSObject());
            objects[0].Properties.Add(new PSNoteProperty("ActionStateId", state));
        }

        WriteObject(objects, enumerateCollection: true);
    }
}
