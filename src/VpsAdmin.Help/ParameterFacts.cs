using YamlDotNet.Serialization;

namespace VpsAdmin.Help;

/// <summary>The YAML block below a parameter's heading.</summary>
internal sealed class ParameterFacts
{
    private const string AllSets = "(All)";

    private static readonly IDeserializer Yaml = new DeserializerBuilder().Build();

    public string Type { get; set; } = "";

    public string DefaultValue { get; set; } = "";

    public bool SupportsWildcards { get; set; }

    public List<string> Aliases { get; set; } = [];

    public List<ParameterPlace> ParameterSets { get; set; } = [];

    public bool DontShow { get; set; }

    /// <summary>The values of an enumeration.</summary>
    public List<string> AcceptedValues { get; set; } = [];

    public string HelpMessage { get; set; } = "";

    /// <exception cref="YamlDotNet.Core.YamlException">It is not such a block.</exception>
    public static ParameterFacts Parse(string block) => Yaml.Deserialize<ParameterFacts>(block);

    /// <returns>Null when the parameter is not of the set.</returns>
    public ParameterPlace? In(string set) => ParameterSets.Find(s => s.Name == set || s.Name == AllSets);
}

/// <summary>How a parameter is given in a set.</summary>
internal sealed class ParameterPlace
{
    public string Name { get; set; } = "";

    /// <summary>A number from 0, or <c>Named</c>.</summary>
    public string Position { get; set; } = "";

    public bool IsRequired { get; set; }

    public bool ValueFromPipeline { get; set; }

    public bool ValueFromPipelineByPropertyName { get; set; }

    public bool ValueFromRemainingArguments { get; set; }
}
