using System.Text.RegularExpressions;

namespace VpsAdmin.Server.Api;

/// <summary>
/// What a token is good for: <c>all</c>, or patterns with spaces between them. A pattern is the scope of an action as it is described,
/// <c>dataset.snapshot#index</c>; <c>*</c> stands for every action or for every resource (<c>dataset#*</c>, <c>*#index</c>), and ids of the path
/// may be demanded: <c>dataset#show:dataset_id=101</c>. Whatever its scope, a token may ask whose it is, be renewed and revoked, and follow the
/// state of what it started.
/// </summary>
public sealed partial class TokenScope
{
    private const string Everything = "all";
    private const int MaxLength = 2000;

    private static readonly IReadOnlyList<string> Always = ["user#current", "token#renew", "token#revoke", "action_state#show", "action_state#poll"];

    private readonly IReadOnlyList<Pattern> _patterns;

    private TokenScope(string text, IReadOnlyList<Pattern> patterns) => (Text, _patterns) = (text, patterns);

    public static TokenScope All { get; } = new(Everything, []);

    /// <summary>As it was asked for, single spaces between patterns.</summary>
    public string Text { get; }

    public bool IsAll => _patterns.Count == 0;

    /// <returns>Null when the text is no scope.</returns>
    public static TokenScope? Parse(string text)
    {
        if (text.Length > MaxLength) return null;
        var parts = text.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        if (parts.Length == 0) return null;
        if (parts.Contains(Everything)) return All;
        var patterns = parts.Select(Pattern.Parse).ToList();
        return patterns.Contains(null) ? null : new TokenScope(string.Join(' ', parts), patterns!);
    }

    /// <summary>Whether the action may be called for at least one object.</summary>
    /// <param name="action">Such as <c>dataset.snapshot#index</c>.</param>
    public bool Covers(string action) => IsAll || Always.Contains(action) || _patterns.Any(p => p.Covers(action));

    /// <summary>Whether the action may be called for the object of this path.</summary>
    /// <param name="ids">By placeholder.</param>
    public bool Covers(string action, IReadOnlyDictionary<string, long> ids) =>
        IsAll || Always.Contains(action) || _patterns.Any(p => p.Covers(action) && p.Ids.All(id => ids.TryGetValue(id.Key, out var value) && value == id.Value));

    public override string ToString() => Text;

    private sealed partial record Pattern(string Resource, string Action, IReadOnlyDictionary<string, long> Ids)
    {
        public static Pattern? Parse(string text)
        {
            if (PatternText().Match(text) is not { Success: true } match) return null;
            var ids = new Dictionary<string, long>();
            foreach (Capture id in match.Groups["id"].Captures)
            {
                var (name, value) = (id.Value.Split('=')[0], Coercion.ParseId(id.Value.Split('=')[1]));
                if (value is null || !ids.TryAdd(name, value.Value)) return null;
            }

            return new Pattern(match.Groups["resource"].Value, match.Groups["action"].Value, ids);
        }

        public bool Covers(string scope)
        {
            var (resource, action) = (scope[..scope.IndexOf('#', StringComparison.Ordinal)], scope[(scope.IndexOf('#', StringComparison.Ordinal) + 1)..]);
            return (Resource is "*" || Resource == resource) && (Action is "*" || Action == action);
        }

        [GeneratedRegex(@"\A(?<resource>\*|[a-z0-9_]+(\.[a-z0-9_]+)*)#(?<action>\*|[a-z0-9_]+)(:(?<id>[a-z0-9_]+=[0-9]+)(,(?<id>[a-z0-9_]+=[0-9]+))*)?\z")]
        private static partial Regex PatternText();
    }
}
