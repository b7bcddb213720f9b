using VpsAdmin.HaveApi;

namespace VpsAdmin.PS.Actions;

/// <summary>What a server offers, as far as it can be named at a prompt.</summary>
internal static class Offer
{
    public static IEnumerable<DescribedResource> Of(HaveApiClient api) => api.Resources.Where(r => IsName(r.Path)).Select(r => r with
    {
        Actions = [.. r.Actions.Where(a => IsName(a.Name)).Select(a => a with
        {
            Aliases = [.. a.Aliases.Where(IsName)],
            PathParameters = [.. a.PathParameters.Where(IsName)],
            Input = [.. a.Input.Where(p => IsName(p.Name))],
            Output = [.. a.Output.Where(p => IsName(p.Name))],
        })],
    });

    /// <summary>Name or alias, wildcards understood.</summary>
    public static bool Matches(this DescribedAction action, Func<string, bool> isMatch) => action.Aliases.Prepend(action.Name).Any(isMatch);

    /// <summary>The names are the server's: none may carry an escape sequence to the terminal, or a second command to the prompt.</summary>
    private static bool IsName(string name) => name.Length > 0 && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.');
}
