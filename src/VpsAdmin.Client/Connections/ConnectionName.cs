using System.Text.RegularExpressions;

namespace VpsAdmin.Client.Connections;

/// <summary>What a person calls a connection. Case does not matter.</summary>
public static partial class ConnectionName
{
    public static StringComparer Comparer => StringComparer.OrdinalIgnoreCase;

    /// <summary>One to a hundred letters, digits and <c>. _ : @ -</c>, the first of them no hyphen: a name is one word at a prompt.</summary>
    public static bool IsValid(string? name) => name is not null && Pattern().IsMatch(name);

    /// <summary>The name that a connection has when nobody gives it one: host and, where it is not the usual one, port.</summary>
    public static string Of(Uri uri)
    {
        var name = NotInName().Replace(uri.Authority, "");
        return name.Length > MaxLength ? name[..MaxLength] : name;
    }

    private const int MaxLength = 100;

    [GeneratedRegex(@"\A[\p{L}\p{Nd}._:@][\p{L}\p{Nd}._:@-]{0,99}\z")]
    private static partial Regex Pattern();

    [GeneratedRegex(@"[^\p{L}\p{Nd}._:@-]")]
    private static partial Regex NotInName();
}
