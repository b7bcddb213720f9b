using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Resources;

/// <summary>Administrators see all, others what is theirs. What somebody may not see is not there for them.</summary>
internal static class Visibility
{
    public static VpsAdminDb Database(this ActionContext context) => context.Services.GetRequiredService<VpsAdminDb>();

    public static IQueryable<User> VisibleTo(this IQueryable<User> users, Caller caller) =>
        caller.IsAdmin ? users : users.Where(u => u.Id == caller.UserId);

    public static IQueryable<Vps> VisibleTo(this IQueryable<Vps> vpses, Caller caller) =>
        caller.IsAdmin ? vpses : vpses.Where(v => v.UserId == caller.UserId);

    public static IQueryable<Dataset> VisibleTo(this IQueryable<Dataset> datasets, Caller caller) =>
        caller.IsAdmin ? datasets : datasets.Where(d => d.UserId == caller.UserId);

    public static IQueryable<Snapshot> VisibleTo(this IQueryable<Snapshot> snapshots, Caller caller) =>
        caller.IsAdmin ? snapshots : snapshots.Where(s => s.Dataset.UserId == caller.UserId);

    public static IQueryable<SnapshotDownload> VisibleTo(this IQueryable<SnapshotDownload> downloads, Caller caller) =>
        caller.IsAdmin ? downloads : downloads.Where(d => d.UserId == caller.UserId);

    public static IQueryable<TransactionChain> VisibleTo(this IQueryable<TransactionChain> chains, Caller caller) =>
        caller.IsAdmin ? chains : chains.Where(c => c.UserId == caller.UserId);
}
