using System.Reflection;
using System.Text.RegularExpressions;

namespace VpsAdmin.Server.Mail;

/// <summary>
/// A text of the repository (<c>Mail/Templates</c>): its first line is the subject, and <c>{{ name }}</c> stands for a value. Values come
/// from people: none of them can add a line to the head of a mail.
/// </summary>
internal static partial class MailTemplate
{
    private const string Prefix = "VpsAdmin.Server.Mail.Templates.";
    private const string Suffix = ".txt";

    /// <summary>All there are, in alphabetical order.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        .. Assembly.GetExecutingAssembly().GetManifestResourceNames().Where(static n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(static n => n[Prefix.Length..^Suffix.Length]).Order(StringComparer.Ordinal),
    ];

    public static (string Subject, string Body) Render(string name, IReadOnlyDictionary<string, string> values) => Render(name, value => values[value]);

    /// <summary>With the names of values in angle brackets in their places.</summary>
    public static (string Subject, string Body) Preview(string name) => Render(name, static value => $"<{value}>");

    private static (string Subject, string Body) Render(string name, Func<string, string> valueOf)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream(Prefix + name + Suffix)
            ?? throw new ArgumentException($"There is no mail template '{name}'.", nameof(name));
        using var reader = new StreamReader(stream);
        var text = Placeholder().Replace(reader.ReadToEnd(), match => OneLine(valueOf(match.Groups[1].Value)));
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return (text[..end].Trim(), text[(end + 1)..].TrimStart('\r', '\n'));
    }

    private static string OneLine(string value) => value.ReplaceLineEndings(" ");

    [GeneratedRegex(@"\{\{ (\w+) \}\}")]
    private static partial Regex Placeholder();
}
