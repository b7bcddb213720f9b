using System.Globalization;

namespace VpsAdmin.Faults.Tests;

/// <summary>The machine's processes, by /proc.</summary>
internal static class Processes
{
    /// <summary>Ids of those that have this among their arguments.</summary>
    public static IReadOnlyList<int> Naming(string word) =>
        [.. Directory.GetDirectories("/proc").Select(Path.GetFileName)
            .Where(static name => int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .Where(name => CommandLine(name!).Contains(word, StringComparison.Ordinal))
            .Select(static name => int.Parse(name!, CultureInfo.InvariantCulture))];

    /// <summary>Those of the ids that a process has now.</summary>
    public static IReadOnlyList<int> Living(IEnumerable<int> ids) => [.. ids.Where(static id => Directory.Exists(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}")))];

    /// <summary>The most memory that this process has had at any moment (VmHWM of proc(5)).</summary>
    public static long PeakKiB => long.Parse(
        File.ReadLines("/proc/self/status").First(static line => line.StartsWith("VmHWM:", StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);

    /// <summary>Descriptors that this process has open.</summary>
    public static int Descriptors => Directory.GetFileSystemEntries("/proc/self/fd").Length;

    /// <summary>Whether somebody listens there, on 127.0.0.1. Nobody is connected to for it.</summary>
    public static bool Listening(int port)
    {
        const string Listen = "0A";
        var address = string.Create(CultureInfo.InvariantCulture, $"0100007F:{port:X4}");
        return File.ReadLines("/proc/net/tcp").Select(static line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).Any(fields => fields[1] == address && fields[3] == Listen);
    }

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Replace('\0', ' ');
        }
        catch (IOException)
        {
            // Ended meanwhile.
            return "";
        }
    }
}

/// <summary>Waits for what something else brings about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public static async Task TrueAsync(Func<bool> condition, CancellationToken cancel)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(Patience);
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
        while (!condition())
            await tick.WaitForNextTickAsync(limit.Token);
    }
}
