namespace VpsAdmin.Server.Api;

public enum ParameterType
{
    String,
    Text,
    Integer,
    Float,
    Boolean,
    Datetime,
    Resource,
    Custom,
}

/// <summary>A parameter that an action takes.</summary>
/// <param name="Name">On the wire, snake_case.</param>
public sealed record InputParameter(string Name, ParameterType Type, string Label)
{
    public string? Description { get; init; }
    public bool Required { get; init; }
    public bool Nullable { get; init; }

    /// <summary>Filled in when the client sends nothing; null: nothing is filled in.</summary>
    public object? Default { get; init; }

    /// <summary>Allowed values; null: any.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>Allowed values with what people read; stands instead of <see cref="Choices"/>.</summary>
    public IReadOnlyDictionary<string, string>? ChoiceLabels { get; init; }

    public long? Min { get; init; }
    public long? Max { get; init; }

    /// <summary>Rules beyond the ones above.</summary>
    public IReadOnlyList<Validator> Rules { get; init; } = [];

    /// <summary>Names that older clients know it by: accepted, not described.</summary>
    public IReadOnlyList<string> FormerNames { get; init; } = [];

    /// <summary>For type Resource: path of the resource, and what its objects are called by.</summary>
    public IReadOnlyList<string>? Resource { get; init; }
    public string ValueId { get; init; } = "id";
    public string ValueLabel { get; init; } = "label";

    /// <summary>Silently dropped when a client without administrator's rights sends it, and not described to one.</summary>
    public bool AdminOnly { get; init; }

    /// <summary>As <see cref="AdminOnly"/>, but support staff may use it too.</summary>
    public bool SupportOnly { get; init; }

    /// <summary>A secret: clients hide what is typed, and no error repeats it.</summary>
    public bool Protected { get; init; }
}

/// <summary>An associated object in an output.</summary>
/// <param name="PathIds">Ids for the path of its <c>show</c> action, its own last.</param>
public sealed record Association(IReadOnlyList<long> PathIds, object? Label);

/// <summary>A value that an action gives back: how it is described.</summary>
public abstract record OutputParameter(string Name, ParameterType Type, string Label)
{
    public string? Description { get; init; }
    public IReadOnlyList<string>? Resource { get; init; }
    public string ValueId { get; init; } = "id";
    public string ValueLabel { get; init; } = "label";
    public bool AdminOnly { get; init; }

    /// <summary>For administrators and support staff.</summary>
    public bool SupportOnly { get; init; }
}

/// <summary>A value that an action gives back: how it is described, and how it is read off the model.</summary>
/// <param name="Get">String, whole number, double, bool, DateTimeOffset, JsonNode (Custom), <see cref="Association"/>, or null.</param>
public sealed record OutputParameter<T>(string Name, ParameterType Type, string Label, Func<T, object?> Get) : OutputParameter(Name, Type, Label);

/// <summary>The output of a resource's actions, declared once.</summary>
/// <param name="PathIds">Ids for the path of the object's own <c>show</c> action (<c>_meta.path_params</c>).</param>
public sealed record OutputShape<T>(Func<T, IReadOnlyList<long>> PathIds, IReadOnlyList<OutputParameter<T>> Parameters);

/// <summary>
/// One action, declared: from it come its route, its description, the reading and checking of its input, and the writing of its output.
/// </summary>
public abstract record ApiAction(string Name, string Method, string Description)
{
    /// <summary>Behind the resource's path: empty for a collection, <c>{dataset_id}</c> for an object, <c>{dataset_id}/rollback</c> …</summary>
    public string SubPath { get; init; } = "";

    public IReadOnlyList<string> Aliases { get; init; } = [];
    public bool RequiresLogin { get; init; } = true;
    public bool AdminOnly { get; init; }

    /// <summary>For administrators and support staff.</summary>
    public bool SupportOnly { get; init; }

    /// <summary>Suspended users may do it though it changes something; what only looks they may do anyway.</summary>
    public bool OpenToSuspended { get; init; }

    public bool Blocking { get; init; }
    public IReadOnlyList<InputParameter> Inputs { get; init; } = [];

    /// <summary>Output is a list: layout <c>object_list</c>, plural namespace.</summary>
    public bool ReturnsList { get; init; }

    /// <summary>Layout <c>hash</c> / <c>hash_list</c> instead of <c>object</c> / <c>object_list</c>.</summary>
    public bool PlainHash { get; init; }

    /// <summary>HTTP status of the reply to input that is not valid.</summary>
    public int InvalidInputStatus { get; init; } = 200;

    /// <summary>Calls as a reader of the description would make them.</summary>
    public IReadOnlyList<ActionExample> Examples { get; init; } = [];

    /// <summary>What <see cref="RunAsync"/> gives back of each object; empty without output.</summary>
    internal abstract IReadOnlyList<OutputParameter> Outputs { get; }

    internal abstract Task<ActionOutcome> RunAsync(ActionContext context);
}

/// <summary>An action whose output has the shape <typeparamref name="T"/>.</summary>
public sealed record ApiAction<T>(string Name, string Method, string Description, OutputShape<T>? Output, Func<ActionContext, Task<ActionReply<T>>> Run)
    : ApiAction(Name, Method, Description)
{
    internal override IReadOnlyList<OutputParameter> Outputs => Output?.Parameters ?? [];

    internal override async Task<ActionOutcome> RunAsync(ActionContext context)
    {
        var reply = await Run(context).ConfigureAwait(false);
        return new ActionOutcome(Output is null ? [] : [.. reply.Items.Select(Read)], reply.ActionStateId, reply.TotalCount);

        OutputObject Read(T item) => new(Output.PathIds(item), [.. Output.Parameters.Select(p => new OutputValue(p, p.Get(item)))]);
    }
}

/// <summary>A resource with its actions and the resources nested in it.</summary>
/// <param name="Name">Singular, snake_case: key in the description and namespace of inputs and of single outputs.</param>
/// <param name="Plural">Path segment and namespace of lists.</param>
public sealed record ApiResource(string Name, string Plural, string Description)
{
    public IReadOnlyList<ApiAction> Actions { get; init; } = [];
    public IReadOnlyList<ApiResource> Children { get; init; } = [];

    /// <summary>Name of the placeholder for an object's id in paths.</summary>
    public string IdPlaceholder => $"{Name}_id";
}

/// <summary>What an action did.</summary>
/// <param name="Items">One object, several for a list, none where there is no output.</param>
/// <param name="ActionStateId">Set when it goes on in the background.</param>
/// <param name="TotalCount">Of a list, when asked for.</param>
public sealed record ActionReply<T>(IReadOnlyList<T> Items, long? ActionStateId = null, long? TotalCount = null);

/// <summary>One object of an output, its values read in the order of their declarations.</summary>
internal sealed record OutputObject(IReadOnlyList<long> PathIds, IReadOnlyList<OutputValue> Values);

/// <param name="Value">As <see cref="OutputParameter{T}"/> reads it, or an <see cref="OutputObject"/> where the client asked to embed one.</param>
internal sealed record OutputValue(OutputParameter Parameter, object? Value);

/// <summary>An <see cref="ActionReply{T}"/> whose model has been read.</summary>
internal sealed record ActionOutcome(IReadOnlyList<OutputObject> Objects, long? ActionStateId, long? TotalCount);
