using System.Text.RegularExpressions;

namespace VpsAdmin.Zfs;

/// <summary>
/// Reads what <c>zfs</c> can do off its usage text. The text is there with every implementation and release, needs neither
/// module nor privileges, and unlike a version number tells what a distribution has patched in.
/// </summary>
public static partial class ZfsUsage
{
    /// <param name="text">What <c>zfs -?</c> prints.</param>
    /// <exception cref="FormatException">The text is not the usage of zfs.</exception>
    public static ZfsCapabilities Parse(string text)
    {
        var forms = Forms(text);
        if (!forms.Contains("send") || !forms.Contains("receive"))
            throw new FormatException("The usage text of zfs lists neither send nor receive.");
        return new ZfsCapabilities(
            SendSizeEstimate: forms["send"].Any(form => HasFlag(form, 'n') && HasFlag(form, 'P')),
            ReceiveResumable: forms["receive"].Any(form => HasFlag(form, 's')),
            ReceiveUnmounted: forms["receive"].Any(form => HasFlag(form, 'u')),
            Bookmarks: forms.Contains("bookmark"),
            ListParsable: forms["list"].Any(form => HasFlag(form, 'p')),
            SeveralSnapshotsAtOnce: forms["snapshot"].Any(form => form.EndsWith("...", StringComparison.Ordinal)));
    }

    /// <summary>Whether a subcommand that was given an option and nothing else complains of that option.</summary>
    internal static bool Rejects(char option, string standardError) =>
        standardError.Contains($"invalid option '{option}'", StringComparison.Ordinal);

    /// <summary>
    /// The forms of each subcommand. A form begins behind one tab (<c>TAB snapshot|snap [-r] ...</c>); lines indented deeper go on with it.
    /// </summary>
    private static ILookup<string, string> Forms(string text)
    {
        var forms = new List<string>();
        foreach (var line in text.Split('\n').Where(static line => line.StartsWith('\t')))
        {
            if (line.Length > 1 && char.IsAsciiLetterLower(line[1]))
                forms.Add(line.Trim());
            else if (forms.Count > 0)
                forms[^1] += " " + line.Trim();
        }
        return forms
            .SelectMany(form => form.Split(' ')[0].Split('|').Select(name => (name, form)))
            .ToLookup(static pair => pair.name, static pair => pair.form);
    }

    private static bool HasFlag(string form, char flag) => Flags().Matches(form).Any(group => group.Groups[1].Value.Contains(flag, StringComparison.Ordinal));

    /// <summary>A group of options without values, <c>[-vnsFhu]</c>.</summary>
    [GeneratedRegex(@"\[-([A-Za-z]+)\]")]
    private static partial Regex Flags();
}
