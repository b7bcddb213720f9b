namespace VpsAdmin.Backup;

internal static class Indexable
{
    /// <summary>
    /// As an array. PowerShell indexes arrays; the read-only lists that the compiler makes of collection expressions have their indexer hidden
    /// (explicitly implemented), and there <c>$result.SnapshotsAdded[0]</c> would silently be the whole list.
    /// </summary>
    public static IReadOnlyList<T> ToIndexable<T>(this IEnumerable<T> items) => items as T[] ?? items.ToArray();
}
