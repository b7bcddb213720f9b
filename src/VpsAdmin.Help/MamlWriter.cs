using System.Xml.Linq;

namespace VpsAdmin.Help;

/// <summary>Writes a cmdlet's help as MAML, the form that <c>Get-Help</c> reads. See the schema "PSMaml" of PowerShell's help authoring.</summary>
internal static class MamlWriter
{
    private static readonly XNamespace Maml = "http://schemas.microsoft.com/maml/2004/10";
    private static readonly XNamespace Command = "http://schemas.microsoft.com/maml/dev/command/2004/10";
    private static readonly XNamespace Dev = "http://schemas.microsoft.com/maml/dev/2004/10";

    public static XElement Write(CmdletHelp help) => new(Command + "command",
        new XAttribute(XNamespace.Xmlns + "maml", Maml),
        new XAttribute(XNamespace.Xmlns + "command", Command),
        new XAttribute(XNamespace.Xmlns + "dev", Dev),
        new XElement(Command + "details",
            new XElement(Command + "name", help.Name),
            new XElement(Command + "verb", help.Verb),
            new XElement(Command + "noun", help.Noun),
            Description([help.Synopsis])),
        Description(help.Description),
        new XElement(Command + "syntax", help.Syntax.Select(s => SyntaxItem(help, s))),
        new XElement(Command + "parameters", help.Parameters.Select(static p => Parameter(p, p.Facts.ParameterSets[0], inSyntax: false))),
        new XElement(Command + "inputTypes", help.Inputs.Select(static t => Type("inputType", t))),
        new XElement(Command + "returnValues", help.Outputs.Select(static t => Type("returnValue", t))),
        new XElement(Maml + "alertSet", new XElement(Maml + "alert", help.Notes.Select(Paragraph))),
        new XElement(Command + "examples", help.Examples.Select(Example)),
        new XElement(Command + "relatedLinks", help.Links.Select(Link)));

    private static XElement SyntaxItem(CmdletHelp help, HelpSyntax syntax) => new(Command + "syntaxItem",
        new XElement(Maml + "name", help.Name),
        from name in syntax.Parameters
        let parameter = help.Parameters.Single(p => p.Name == name)
        select Parameter(parameter, parameter.Facts.In(syntax.Set)!, inSyntax: true));

    private static XElement Parameter(HelpParameter parameter, ParameterPlace place, bool inSyntax)
    {
        var facts = parameter.Facts;
        var type = TypeName(facts.Type);
        var isSwitch = type == "SwitchParameter";
        return new XElement(Command + "parameter",
            new XAttribute("required", Word(place.IsRequired)),
            new XAttribute("variableLength", Word(type.EndsWith("[]", StringComparison.Ordinal))),
            new XAttribute("globbing", Word(facts.SupportsWildcards)),
            new XAttribute("pipelineInput", PipelineInput(place)),
            new XAttribute("position", place.Position.ToLowerInvariant()),
            new XAttribute("aliases", facts.Aliases.Count == 0 ? "none" : string.Join(", ", facts.Aliases)),
            new XElement(Maml + "name", parameter.Name),
            inSyntax ? null : Description(parameter.Description),
            inSyntax && facts.AcceptedValues.Count > 0
                ? new XElement(Command + "parameterValueGroup", facts.AcceptedValues.Select(static v => Value(v)))
                : null,
            inSyntax && isSwitch ? null : Value(type),
            new XElement(Dev + "type", new XElement(Maml + "name", type), new XElement(Maml + "uri")),
            new XElement(Dev + "defaultValue", facts.DefaultValue.Length == 0 ? "None" : facts.DefaultValue));

        static XElement Value(string words) => new(Command + "parameterValue", new XAttribute("required", "true"), new XAttribute("variableLength", "false"), words);
    }

    private static XElement Type(string element, HelpType type) => new(Command + element,
        new XElement(Dev + "type", new XElement(Maml + "name", type.Name)),
        Description(type.Description));

    /// <summary>The last paragraph is empty: the engine sets nothing between two examples.</summary>
    private static XElement Example(HelpExample example) => new(Command + "example",
        new XElement(Maml + "title", example.Title),
        new XElement(Dev + "code", example.Code),
        new XElement(Dev + "remarks", example.Remarks.Append("").Select(Paragraph)));

    private static XElement Link(string cmdlet) => new(Maml + "navigationLink", new XElement(Maml + "linkText", cmdlet), new XElement(Maml + "uri"));

    private static XElement Description(IEnumerable<string> paragraphs) => new(Maml + "description", paragraphs.Select(Paragraph));

    private static XElement Paragraph(string text) => new(Maml + "para", text);

    private static string PipelineInput(ParameterPlace place) => (place.ValueFromPipeline, place.ValueFromPipelineByPropertyName) switch
    {
        (true, true) => "True (ByValue, ByPropertyName)",
        (true, false) => "True (ByValue)",
        (false, true) => "True (ByPropertyName)",
        _ => "False",
    };

    /// <summary>As people write it: without namespace, and a value that may be missing as the value.</summary>
    private static string TypeName(string type)
    {
        const string Nullable = "System.Nullable`1[";
        var named = type.StartsWith(Nullable, StringComparison.Ordinal) ? type[Nullable.Length..^1] : type;
        return named[(named.LastIndexOf('.') + 1)..];
    }

    private static string Word(bool value) => value ? "true" : "false";
}
