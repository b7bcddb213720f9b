using System.Text;
using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Runtime;

/// <summary>What the systems of this node's VPSes said on their consoles, as far as it is kept (<see cref="LxcConfig"/> limits that).</summary>
public sealed class VpsConsole(ZfsHost zfs)
{
    /// <summary>Bytes: what fits into a message of the broker with room to spare.</summary>
    public const int Longest = 256 << 10;

    /// <summary>Of a VPS's folder; what was before it is in <see cref="Former"/>.</summary>
    internal const string FileName = "console.log";

    private const string Former = FileName + ".1";

    private readonly VpsHomes _homes = new(zfs);

    /// <summary>The end of it.</summary>
    /// <returns>Empty where nothing was said; null where the VPS is not, or its pool does not answer.</returns>
    public async Task<string?> ReadAsync(ConsoleQuestion question, CancellationToken cancel)
    {
        try
        {
            if (await _homes.FindAsync(question.Place, cancel).ConfigureAwait(false) is not { } home)
                return null;
            var length = Math.Clamp(question.Length, 0, Longest);
            var newer = await EndOfAsync(Path.Combine(home.Folder, FileName), length, cancel).ConfigureAwait(false);
            var older = await EndOfAsync(Path.Combine(home.Folder, Former), length - newer.Length, cancel).ConfigureAwait(false);
            return Encoding.UTF8.GetString([.. older, .. newer]);
        }
        catch (Exception e) when (e is TransactionException or ZfsException or IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<byte[]> EndOfAsync(string file, int length, CancellationToken cancel)
    {
        if (length == 0 || !File.Exists(file))
            return [];
        // The monitor of the VPS writes it, and gives it another name when it is full.
        var log = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        await using var _ = log.ConfigureAwait(false);
        log.Seek(-Math.Min(length, log.Length), SeekOrigin.End);
        var end = new byte[length];
        return end[..await log.ReadAtLeastAsync(end, length, throwOnEndOfStream: false, cancel).ConfigureAwait(false)];
    }
}
