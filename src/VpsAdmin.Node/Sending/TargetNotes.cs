using System.Security.Cryptography;
using System.Text;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Sending;

/// <summary>What was on a target before a transfer to it.</summary>
/// <param name="Newest">Its newest snapshot; null: there was no such filesystem.</param>
internal sealed record TargetNote(string? Newest);

/// <summary>
/// What was on targets before transfers to them, so that undoing one takes back what it has brought and nothing else. A note is written before anything is made, and
/// stays when the transfer is done, as the chain may go back later; a transfer without a note has brought nothing. Notes are on the pool of the target: what was
/// written there before a snapshot was received is there whenever the snapshot is.
/// </summary>
internal sealed class TargetNotes(ZfsHost zfs, TimeProvider time)
{
    private const string Extension = ".before";
    private const string Absent = "-";

    /// <summary>No chain goes back after so long. One that does finds no note, and leaves everything there.</summary>
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(60);

    /// <param name="pool">Pool filesystem of the target.</param>
    /// <returns>Null: the transfer has not begun, or was taken back.</returns>
    public async Task<TargetNote?> FindAsync(TransactionMessage message, string pool, string target, CancellationToken cancel)
    {
        if (await OwnDataset.FindAsync(zfs, pool, SendArea.Name, cancel).ConfigureAwait(false) is not { } folder)
            return null;
        var mark = TransactionMark.Of(message);
        return Lines(FileOf(folder, target)).Select(static line => line.Split(' ', 3)).LastOrDefault(words => words is [_, var whose, _] && whose == mark) is [_, _, var newest]
            ? new TargetNote(newest is Absent ? null : newest)
            : null;
    }

    /// <summary>Notes of chains before are forgotten: a target is one chain's at a time.</summary>
    public async Task WriteAsync(TransactionMessage message, string pool, string target, TargetNote note, CancellationToken cancel)
    {
        var folder = await OwnDataset.PrepareAsync(zfs, pool, SendArea.Name, UnixFolder.Private, cancel).ConfigureAwait(false);
        Forget(folder);
        var (file, chain) = (FileOf(folder, target), $"{message.Installation}/{message.ChainId} ");
        Replace(file, [.. Lines(file).Where(line => line.StartsWith(chain, StringComparison.Ordinal)), $"{chain}{TransactionMark.Of(message)} {note.Newest ?? Absent}"]);
    }

    /// <summary>The transfer is taken back.</summary>
    public async Task RemoveAsync(TransactionMessage message, string pool, string target, CancellationToken cancel)
    {
        if (await OwnDataset.FindAsync(zfs, pool, SendArea.Name, cancel).ConfigureAwait(false) is not { } folder)
            return;
        var (file, mark) = (FileOf(folder, target), $" {TransactionMark.Of(message)} ");
        string[] left = [.. Lines(file).Where(line => !line.Contains(mark, StringComparison.Ordinal))];
        if (left.Length > 0)
            Replace(file, left);
        else
            File.Delete(file);
    }

    private static string[] Lines(string file) => File.Exists(file) ? File.ReadAllLines(file) : [];

    private static void Replace(string file, string[] lines)
    {
        File.WriteAllLines(file + ".part", lines);
        File.Move(file + ".part", file, overwrite: true);
    }

    private void Forget(string folder)
    {
        var old = (time.GetUtcNow() - Lifetime).UtcDateTime;
        foreach (var file in Directory.EnumerateFiles(folder, $"*{Extension}*").Where(file => File.GetLastWriteTimeUtc(file) < old).ToList())
            File.Delete(file);
    }

    /// <summary>Names of datasets have slashes, and may be longer than those of files.</summary>
    private static string FileOf(string folder, string target) => Path.Combine(folder, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(target)).AsSpan(0, 16)) + Extension);
}
