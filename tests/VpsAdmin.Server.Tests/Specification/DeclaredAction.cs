using System.Text.RegularExpressions;

namespace VpsAdmin.Server.Tests.Specification;

/// <summary>A parameter as a line of the table has it.</summary>
/// <param name="Choices">Empty: any value of the type.</param>
internal sealed record DeclaredParameter(string Name, string Type, bool IsRequired, bool IsForAdministrators, string? Default, IReadOnlyList<string> Choices);

/// <summary>A paragraph of <c>declarations.txt</c>.</summary>
/// <param name="Who">everybody, user or admin.</param>
internal sealed partial record DeclaredAction(
    string Resource, string Action, string Method, string Path, string Who, bool IsBlocking,
    IReadOnlyList<DeclaredParameter> Inputs, IReadOnlyList<DeclaredParameter> Outputs)
{
    public static IReadOnlyList<DeclaredAction> All { get; } = Read();

    public override string ToString() => $"{Resource}#{Action}";

    private static IReadOnlyList<DeclaredAction> Read()
    {
        using var file = typeof(DeclaredAction).Assembly.GetManifestResourceStream("declarations.txt")!;
        using var reader = new StreamReader(file);
        var lines = reader.ReadToEnd().Split('\n').Where(static line => !line.StartsWith('#'));
        return [.. string.Join('\n', lines).Split("\n\n", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(Parse)];
    }

    private static DeclaredAction Parse(string paragraph)
    {
        var lines = paragraph.Split('\n', StringSplitOptions.TrimEntries);
        var head = lines[0].Split(' ');
        var name = head[0].Split('#');
        return new(
            name[0], name[1], head[1], head[2], head[3], head.Contains("blocking"),
            [.. Parameters(lines, "in ")], [.. Parameters(lines, "out ")]);
    }

    private static IEnumerable<DeclaredParameter> Parameters(string[] lines, string kind) => lines
        .Where(line => line.StartsWith(kind, StringComparison.Ordinal))
        .SelectMany(line => line[kind.Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(static text => ParameterPattern().Match(text) is { Success: true } match
            ? new DeclaredParameter(
                match.Groups["name"].Value, match.Groups["type"].Value, match.Groups["mark"].Value == "!", match.Groups["mark"].Value == "~",
                match.Groups["default"] is { Success: true } value ? value.Value : null,
                match.Groups["choices"] is { Success: true } choices ? choices.Value.Split(',') : [])
            : throw new FormatException($"'{text}' is no parameter."));

    [GeneratedRegex(@"\A(?<mark>[!~]?)(?<name>[a-z0-9_]+):(?<type>[A-Z][a-z]+)(=(?<default>[^{]+))?(\{(?<choices>[^}]+)\})?\z")]
    private static partial Regex ParameterPattern();
}
