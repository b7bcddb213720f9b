using System.Globalization;
using System.Management.Automation;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>What a page must say of a parameter.</summary>
internal static class ParameterBlock
{
    /// <param name="cmdlet">An instance, for the default.</param>
    public static string Of(ParameterMetadata parameter, object cmdlet)
    {
        var sets = parameter.ParameterSets.OrderBy(s => s.Key, StringComparer.Ordinal).ToList();
        var attributes = parameter.Attributes.ToList();
        var type = Nullable.GetUnderlyingType(parameter.ParameterType) ?? parameter.ParameterType;
        return string.Join('\n',
        [
            $"Type: {parameter.ParameterType}",
            $"DefaultValue: {Value(sets.TrueForAll(s => s.Value.IsMandatory) ? "" : Default(parameter, cmdlet))}",
            $"SupportsWildcards: {YesOrNo(attributes.OfType<SupportsWildcardsAttribute>().Any())}",
            .. List("Aliases", parameter.Aliases),
            "ParameterSets:",
            .. sets.SelectMany(s => Set(s.Key, s.Value)),
            "DontShow: false",
            .. List("AcceptedValues", type.IsEnum ? Enum.GetNames(type) : []),
            $"HelpMessage: {Quoted(sets[0].Value.HelpMessage ?? "")}",
        ]);
    }

    private static IEnumerable<string> Set(string name, ParameterSetMetadata set) =>
    [
        $"- Name: {(name == ParameterAttribute.AllParameterSets ? "(All)" : name)}",
        $"  Position: {(set.Position < 0 ? "Named" : set.Position.ToString(CultureInfo.InvariantCulture))}",
        $"  IsRequired: {YesOrNo(set.IsMandatory)}",
        $"  ValueFromPipeline: {YesOrNo(set.ValueFromPipeline)}",
        $"  ValueFromPipelineByPropertyName: {YesOrNo(set.ValueFromPipelineByPropertyName)}",
        $"  ValueFromRemainingArguments: {YesOrNo(set.ValueFromRemainingArguments)}",
    ];

    private static string Default(ParameterMetadata parameter, object cmdlet) =>
        // The engine's own -WhatIf and -Confirm are no properties of the cmdlet.
        parameter.SwitchParameter ? "False" : Convert.ToString(cmdlet.GetType().GetProperty(parameter.Name)!.GetValue(cmdlet), CultureInfo.InvariantCulture) ?? "";

    private static IEnumerable<string> List(string key, IReadOnlyCollection<string> values) => values.Count == 0 ? [$"{key}: []"] : [$"{key}:", .. values.Select(v => $"- {v}")];

    /// <summary>YAML would take a time span for a number of base 60.</summary>
    private static string Value(string value) => value.Length == 0 || value.Contains(':', StringComparison.Ordinal) ? Quoted(value) : value;

    private static string Quoted(string value) => $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string YesOrNo(bool value) => value ? "true" : "false";
}
