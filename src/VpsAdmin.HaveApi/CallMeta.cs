namespace VpsAdmin.HaveApi;

/// <summary>Wishes beside a call. Advisory: sent where the action offers them, and the server may ignore them.</summary>
/// <param name="Includes">Associations to embed, <c>user</c> or <c>parent__user</c>.</param>
/// <param name="Count">Ask an index for its total count.</param>
public sealed record CallMeta(IReadOnlyList<string>? Includes = null, bool Count = false);
