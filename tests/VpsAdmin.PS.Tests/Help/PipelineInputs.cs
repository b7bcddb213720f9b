using System.Management.Automation;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>What a cmdlet takes from the pipeline, by its parameters.</summary>
internal sealed class PipelineInputs(CmdletInfo cmdlet)
{
    private readonly IReadOnlyList<ParameterMetadata> _byValue = [.. cmdlet.Parameters.Values.Where(static p => p.ParameterSets.Values.Any(static s => s.ValueFromPipeline))];
    private readonly IReadOnlyList<ParameterMetadata> _byName = [.. cmdlet.Parameters.Values.Where(static p => p.ParameterSets.Values.Any(static s => s.ValueFromPipelineByPropertyName))];

    public bool IsEmpty => _byValue.Count == 0 && _byName.Count == 0;

    /// <summary>Names of the types that are taken as they are.</summary>
    public IEnumerable<string> ByValue => _byValue.SelectMany(Types).Distinct();

    /// <summary>Whether it is a type of what has a property that is taken, or that property's own.</summary>
    public bool TakesByName(string type) => _byName.Any(p => Types(p).Contains(type) || Find(type)?.GetProperties().Any(own => p.Aliases.Prepend(p.Name).Contains(own.Name)) == true);

    /// <summary>Of one of many; and what stands for it, by the attribute that makes an id of it.</summary>
    private static IEnumerable<string> Types(ParameterMetadata parameter)
    {
        var type = parameter.ParameterType.IsArray ? parameter.ParameterType.GetElementType()! : parameter.ParameterType;
        var own = (Nullable.GetUnderlyingType(type) ?? type).FullName!;
        foreach (var attribute in parameter.Attributes.OfType<ArgumentTransformationAttribute>())
        {
            // The attributes are in the module's assembly, which the tests see only by the engine.
            switch (attribute.GetType().Name)
            {
                case "IdTransformationAttribute" or "IdsTransformationAttribute":
                    return [own, ((Type)attribute.GetType().GetProperty("Type")!.GetValue(attribute)!).FullName!];
                case "DatasetTransformationAttribute":
                    return ((IEnumerable<Type>)attribute.GetType().GetProperty("Types")!.GetValue(attribute)!).Select(static t => t.FullName!);
            }
        }
        return [own];
    }

    private static Type? Find(string name) => AppDomain.CurrentDomain.GetAssemblies().Select(a => a.GetType(name)).FirstOrDefault(static t => t is not null);
}
