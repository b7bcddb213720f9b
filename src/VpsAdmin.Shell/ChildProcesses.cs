using System.Globalization;
using System.Runtime.InteropServices;

namespace VpsAdmin.Shell;

/// <summary>Programs that this process has started and that still run.</summary>
internal static partial class ChildProcesses
{
    /// <summary>Those in its own process group: what became a daemon, or another job, is somebody else's to end. None where there is no <c>/proc</c>.</summary>
    public static IReadOnlyList<int> OfThisGroup()
    {
        if (!OperatingSystem.IsLinux() || Read(Environment.ProcessId) is not { } self)
            return [];
        return [.. Directory.EnumerateDirectories("/proc").Select(static folder => Number(Path.GetFileName(folder)))
            .Where(id => id > 0 && Read(id) is { } status && status.Parent == Environment.ProcessId && status.Group == self.Group)];
    }

    /// <summary>One that has ended meanwhile is not waited for yet: its number is nobody else's.</summary>
    public static void Signal(int child, int signal) => _ = Kill(child, signal);

    /// <summary>Fields 4 and 5 of proc(5)'s stat, counted behind the name, which may contain anything; null: there is no such process.</summary>
    private static (int Parent, int Group)? Read(int id)
    {
        try
        {
            var text = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/stat"));
            var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ', 4);
            return (Number(fields[1]), Number(fields[2]));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static int Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0;

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int Kill(int process, int signal);
}
