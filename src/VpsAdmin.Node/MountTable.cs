namespace VpsAdmin.Node;

/// <summary>What the kernel has mounted where, links followed: proc_pid_mountinfo(5).</summary>
internal static class MountTable
{
    /// <summary>Whether a dataset is mounted on exactly this folder.</summary>
    public static bool Has(string folder, string dataset) => File.ReadLines("/proc/self/mountinfo").Any(line => IsOf(line, folder, dataset));

    /// <param name="line">"ID PARENT MAJOR:MINOR ROOT FOLDER OPTIONS [FIELD …] - TYPE SOURCE OPTIONS", spaces in names as \040.</param>
    internal static bool IsOf(string line, string folder, string dataset) =>
        line.Split(" - ", 2) is [var mount, var what]
            && mount.Split(' ') is [_, _, _, _, var on, ..] && on == Escape(folder)
            && what.Split(' ') is [_, var source, ..] && source == Escape(dataset);

    private static string Escape(string name) => name.Replace("\\", "\\134").Replace(" ", "\\040").Replace("\t", "\\011").Replace("\n", "\\012");
}
