using System.Management.Automation.Language;
using System.Text;

namespace VpsAdmin.Shell;

/// <summary>The PowerShell text that calls a script with its arguments.</summary>
internal static class ScriptCall
{
    /// <summary>
    /// An <c>exit N</c> in a script file ends that file only: the engine makes it a failed command with N in $LASTEXITCODE. Called from text,
    /// that is seen, and the exit is passed on. Arguments that the script cannot bind, and errors that it writes as its own, count 1.
    /// </summary>
    public static string Text(RunScript script)
    {
        var text = new StringBuilder("& ").Append(Quote(Path.GetFullPath(script.Path)));
        foreach (var (name, value) in script.Arguments)
        {
            text.Append(' ').Append(name);
            if (value is not null)
                text.Append(name is null ? "" : ":").Append(name is null ? Quote(value) : Literal(value));
        }
        return text.Append("; if (-not $?) { exit ($LASTEXITCODE ? $LASTEXITCODE : 1) }").ToString();
    }

    /// <summary>There is no other way to write a boolean for <c>-Switch:$false</c> outside PowerShell; pwsh -File has the same rule.</summary>
    private static string Literal(string value) =>
        value.ToLowerInvariant() is "$true" or "$false" ? value : Quote(value);

    private static string Quote(string value) => $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'";
}
