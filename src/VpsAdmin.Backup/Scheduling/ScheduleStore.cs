using System.ComponentModel;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Backup.Scheduling;

/// <summary>What a scheduler answered, or that it is not there.</summary>
public sealed class ScheduleException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Schedules on a machine: their files, and the scheduler that is told of them.</summary>
/// <param name="root">Root of the file system; another one than the machine's own (an image, a test) is only written to, and no scheduler is told.</param>
public sealed class ScheduleStore(string root)
{
    private const UnixFileMode ReadableFile = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    public static string MachineRoot => OperatingSystem.IsWindows() ? Path.GetPathRoot(Environment.SystemDirectory)! : "/";

    /// <summary>The scheduler that this machine runs.</summary>
    public static ScheduleKind MachineKind =>
        OperatingSystem.IsWindows() ? ScheduleKind.TaskScheduler : Directory.Exists("/run/systemd/system") ? ScheduleKind.Systemd : ScheduleKind.Cron;

    /// <summary>Whether paths of this machine's system are what a scheduler takes; it is another's where files are written for another machine.</summary>
    public static bool IsOfThisSystem(ScheduleKind kind) => OperatingSystem.IsWindows() == (kind == ScheduleKind.TaskScheduler);

    private bool IsMachine => root == MachineRoot;

    /// <summary>Files of this schedule that are there, as full paths.</summary>
    public IReadOnlyList<string> FindExisting(ScheduleKind kind, string name) =>
        [.. ScheduleFiles.Paths(kind, name).Select(FullPath).Where(File.Exists)];

    /// <summary>Schedules of all kinds, by name.</summary>
    public IReadOnlyList<RegisteredSchedule> List() =>
        [.. from kind in Enum.GetValues<ScheduleKind>()
            from name in Names(kind)
            orderby name, kind
            select Read(kind, name)];

    /// <summary>Writes the files and tells the scheduler.</summary>
    /// <exception cref="ScheduleException">The scheduler refuses; the files are there.</exception>
    public async Task<RegisteredSchedule> RegisterAsync(BackupSchedule schedule, ScheduleKind kind, CancellationToken cancel)
    {
        WriteAll(ScheduleFiles.Of(schedule, kind), FindExisting(kind, schedule.Name));
        if (IsMachine)
            await RunAllAsync(ScheduleFiles.Activation(kind, schedule.Name, root), cancel).ConfigureAwait(false);
        return Read(kind, schedule.Name);
    }

    /// <summary>Tells the scheduler and deletes the files.</summary>
    /// <exception cref="ScheduleException">The scheduler refuses.</exception>
    public async Task UnregisterAsync(ScheduleKind kind, string name, CancellationToken cancel)
    {
        var (before, after) = ScheduleFiles.Deactivation(kind, name);
        if (IsMachine)
            await RunAllAsync(before, cancel).ConfigureAwait(false);
        // What starts the script goes first.
        foreach (var file in FindExisting(kind, name).Reverse())
            File.Delete(file);
        if (IsMachine)
            await RunAllAsync(after, cancel).ConfigureAwait(false);
    }

    private RegisteredSchedule Read(ScheduleKind kind, string name)
    {
        var files = FindExisting(kind, name);
        var script = FullPath(ScheduleFiles.Paths(kind, name)[0]);
        var trigger = FullPath(ScheduleFiles.Paths(kind, name)[^1]);
        return new RegisteredSchedule(
            name, kind,
            File.Exists(trigger) ? string.Join("; ", FindTimes(kind, File.ReadAllText(trigger))) : "",
            File.Exists(script) ? ScheduleScript.FindFilesystem(File.ReadAllText(script)) : null,
            files)
        {
            RootPath = root,
        };
    }

    private static IEnumerable<string> FindTimes(ScheduleKind kind, string trigger) => kind switch
    {
        ScheduleKind.Systemd => SystemdUnits.FindTimes(trigger),
        ScheduleKind.Cron => CronTable.FindTimes(trigger),
        ScheduleKind.TaskScheduler => ScheduledTask.FindTimes(trigger),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>By the file that starts it, whose name is this name between two fixed parts.</summary>
    private IEnumerable<string> Names(ScheduleKind kind)
    {
        const string mark = "0";
        var pattern = FullPath(ScheduleFiles.Paths(kind, mark)[^1]);
        var folder = Path.GetDirectoryName(pattern)!;
        var parts = Path.GetFileName(pattern).Split(mark);
        return !Directory.Exists(folder)
            ? []
            : Directory.EnumerateFiles(folder, parts[0] + "*" + parts[1])
                .Select(f => Path.GetFileName(f)[parts[0].Length..^parts[1].Length])
                .Where(ScheduleName.IsValid);
    }

    private string FullPath(string path) => Path.Combine(root, path.Replace('/', Path.DirectorySeparatorChar));

    /// <summary>All, or none that was not there before.</summary>
    private void WriteAll(IReadOnlyList<ScheduleFile> files, IReadOnlyList<string> existing)
    {
        var written = new List<string>();
        try
        {
            foreach (var file in files)
            {
                Write(FullPath(file.Path), file.Content);
                written.Add(FullPath(file.Path));
            }
        }
        catch
        {
            foreach (var file in written.Except(existing))
                File.Delete(file);
            throw;
        }
    }

    /// <summary>Readable by all, which cron demands and which shows no secret; whole or not at all.</summary>
    private static void Write(string path, string content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // cron and systemd pass over names that begin with a dot.
        var part = Path.Combine(Path.GetDirectoryName(path)!, $".{Path.GetFileName(path)}.part");
        using (var file = new FileStream(part, FileMode.Create, FileAccess.Write))
        using (var writer = new StreamWriter(file))
        {
            writer.Write(content);
            writer.Flush();
            file.Flush(flushToDisk: true);
        }
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(part, ReadableFile);
        File.Move(part, path, overwrite: true);
    }

    private static async Task RunAllAsync(IReadOnlyList<IReadOnlyList<string>> commands, CancellationToken cancel)
    {
        foreach (var command in commands)
            await RunAsync(command, cancel).ConfigureAwait(false);
    }

    private static async Task RunAsync(IReadOnlyList<string> command, CancellationToken cancel)
    {
        try
        {
            var process = OwnedProcess.Start(new ProcessSpec(command[0], [.. command.Skip(1)]));
            await using (process.ConfigureAwait(false))
            {
                var result = await process.Completion.WaitAsync(cancel).ConfigureAwait(false);
                if (result.ExitCode != 0)
                    throw new ScheduleException($"'{string.Join(' ', command)}' failed with status {result.ExitCode}: {result.StandardError}");
            }
        }
        catch (Win32Exception e)
        {
            throw new ScheduleException($"'{command[0]}' cannot be started: {e.Message}", e);
        }
    }
}
