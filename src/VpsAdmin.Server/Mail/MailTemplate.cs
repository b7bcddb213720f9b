using System.Reflection;
using System.Text.RegularExpressions;

namespace VpsAdmin.Server.Mail;

/// <summary>
/// A text of the repository (<c>Mail/Templates</c>): its first line is the subject, and <c>{{ name }}</c> stands for a value. Values come
/// from people: none of them can add a line to the head of a mail.
/// </summary>
internal static partial class MailTemplate
{
    public static (string Subject, string Body) Render(string name, IReadOnlyDictionary<string, string> values)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"VpsAdmin.Server.Mail.Templates.{name}.txt")
            ?? throw new ArgumentException($"There is no mail template '{name}'.", nameof(name));
        using var reader = new StreamReader(stream);
        var text = Placeholder().Replace(reader.ReadToEnd(), match => OneLine(values[match.Groups[1].Value]));
        var end = text.IndexOf('\n', StringComparison.Ordinal);
        return (text[..end].Trim(), text[(end + 1)..].TrimStart('\r', '\n'));
    }

    private static string OneLine(string value) => value.ReplaceLineEndings(" ");

    [GeneratedRegex(@"\{\{ (\w+) \}\}")]
    private static partial Regex Placeholder();
}
