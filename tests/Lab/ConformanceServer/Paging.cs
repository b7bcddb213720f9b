using VpsAdmin.Server.Api;

namespace VpsAdmin.ConformanceServer;

/// <summary>Pages of lists in memory.</summary>
internal static class Paging
{
    /// <param name="all">In the order of the list.</param>
    public static ActionReply<T> Page<T>(ActionContext context, IEnumerable<T> all, Func<T, long> id, bool newestFirst = false)
    {
        var (listed, from) = (all.ToList(), context.Input.Integer("from_id"));
        var rest = from is null ? listed : listed.Where(item => newestFirst ? id(item) < from : id(item) > from);
        var page = rest.Skip((int)(context.Input.Integer(Pages.Offset) ?? 0)).Take((int)(context.Input.Integer("limit") ?? int.MaxValue));
        return new([.. page], TotalCount: listed.Count);
    }

    public static Task<ActionReply<T>> One<T>(T? item, string missing) where T : class =>
        item is null ? throw new ActionRefusedException(404, missing) : Task.FromResult(new ActionReply<T>([item]));
}
