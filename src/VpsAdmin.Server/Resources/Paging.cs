using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Resources;

/// <summary>How lists are cut: <c>limit</c> and <c>from_id</c>, the last id that the client has seen.</summary>
internal static class Paging
{
    /// <param name="defaultLimit">Null: everything; a client that looks for a common snapshot must see all (spec 1.1).</param>
    public static IReadOnlyList<InputParameter> Inputs(int? defaultLimit = null) => Pages.Inputs(defaultLimit);

    /// <param name="order">Of a whole list. Pages go by id: who continues behind the last id of a page that is ordered otherwise loses rows.</param>
    /// <param name="newestFirst">Ids of pages go down.</param>
    public static async Task<ActionReply<T>> ListAsync<T>(
        this ActionContext context, IQueryable<T> all, Func<IQueryable<T>, IQueryable<T>> order, bool newestFirst = false) where T : class
    {
        long? total = context.CountRequested ? await all.LongCountAsync(context.Cancel).ConfigureAwait(false) : null;
        var (from, limit) = (context.Input.Integer("from_id"), context.Input.Integer("limit"));
        var rows = (from, limit, context.Input.Integer(Pages.Offset)) switch
        {
            // Counted in the order of the whole list.
            (_, _, { } offset) => order(all).Skip((int)Math.Min(offset, int.MaxValue)).Take((int)(limit ?? int.MaxValue)),
            (null, null, _) => order(all),
            _ => Page(all, from, limit, newestFirst),
        };
        return new(await rows.AsNoTracking().ToListAsync(context.Cancel).ConfigureAwait(false), TotalCount: total);
    }

    private static IQueryable<T> Page<T>(IQueryable<T> all, long? from, long? limit, bool newestFirst) where T : class
    {
        if (from is { } last)
            all = newestFirst ? all.Where(row => EF.Property<long>(row, "Id") < last) : all.Where(row => EF.Property<long>(row, "Id") > last);
        all = newestFirst ? all.OrderByDescending(static row => EF.Property<long>(row, "Id")) : all.OrderBy(static row => EF.Property<long>(row, "Id"));
        return limit is { } most ? all.Take((int)most) : all;
    }

    public static ActionReply<TResult> Select<T, TResult>(this ActionReply<T> reply, Func<T, TResult> convert) =>
        new([.. reply.Items.Select(convert)], reply.ActionStateId, reply.TotalCount);

    /// <exception cref="ActionRefusedException">There is none: not found.</exception>
    public static async Task<ActionReply<T>> ShowAsync<T>(this ActionContext context, IQueryable<T> one) where T : class =>
        new([await one.AsNoTracking().SingleOrDefaultAsync(context.Cancel).ConfigureAwait(false) ?? throw ActionRefusedException.NotFound()]);
}
