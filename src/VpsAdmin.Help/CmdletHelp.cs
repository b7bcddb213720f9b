namespace VpsAdmin.Help;

/// <summary>What a page says of a cmdlet. Texts are plain, a paragraph each.</summary>
internal sealed record CmdletHelp(string Name)
{
    public string Verb => Name[..Name.IndexOf('-', StringComparison.Ordinal)];

    public string Noun => Name[(Verb.Length + 1)..];

    public required string Synopsis { get; init; }

    /// <summary>The default one first.</summary>
    public required IReadOnlyList<HelpSyntax> Syntax { get; init; }

    public required IReadOnlyList<string> Description { get; init; }

    public required IReadOnlyList<HelpExample> Examples { get; init; }

    /// <summary>In the order of their names.</summary>
    public required IReadOnlyList<HelpParameter> Parameters { get; init; }

    public required IReadOnlyList<HelpType> Inputs { get; init; }

    public required IReadOnlyList<HelpType> Outputs { get; init; }

    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Names of other cmdlets.</summary>
    public required IReadOnlyList<string> Links { get; init; }
}

/// <param name="Set">Name of the parameter set.</param>
/// <param name="Parameters">Names, in the order in which they are given.</param>
internal sealed record HelpSyntax(string Set, IReadOnlyList<string> Parameters);

internal sealed record HelpExample(string Title, string Code, IReadOnlyList<string> Remarks);

/// <param name="Name">Of a type, or <c>None</c>.</param>
internal sealed record HelpType(string Name, IReadOnlyList<string> Description);

internal sealed record HelpParameter(string Name, ParameterFacts Facts, IReadOnlyList<string> Description);
