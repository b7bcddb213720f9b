using System.Text.RegularExpressions;

namespace VpsAdmin.Zfs;

/// <summary>A machine as <c>ssh</c> knows it. Keys, ports and jump hosts are the business of ssh's own configuration.</summary>
/// <param name="Destination"><c>host</c> or <c>user@host</c>; <c>host</c> may be an alias of ssh's configuration.</param>
/// <param name="ConfigFile">Instead of the user's <c>~/.ssh/config</c>; null: that one.</param>
public sealed partial record SshTarget(string Destination, string? ConfigFile = null)
{
    /// <summary>Whether ssh would take it for a destination, and for nothing else: an option, a URL or a command.</summary>
    public static bool IsDestination(string text) => text.Length <= 255 && Form().IsMatch(text);

    public override string ToString() => Destination;

    [GeneratedRegex(@"\A([A-Za-z0-9_][A-Za-z0-9_.-]*@)?([A-Za-z0-9][A-Za-z0-9_.-]*|\[?[0-9A-Fa-f:]+(%[A-Za-z0-9]+)?\]?)\z")]
    private static partial Regex Form();
}
