using System.ComponentModel;
using System.Globalization;
using System.Text;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>
/// A real ZFS for tests, through <c>zfs-lab.sh</c>. Test processes run at the same time and share one ZFS; each has its own pools.
/// Ask <see cref="Available"/> first and skip the test with <see cref="Reason"/>.
/// </summary>
public sealed class ZfsLab : IAsyncDisposable
{
    private const int NotAvailable = 3;

    // The script's lease belongs to the process, so all instances of a process share it.
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static int _users;
    private static int _pools;

    private bool _disposed;

    private ZfsLab(string? reason) => Reason = reason;

    public bool Available => Reason is null;

    /// <summary>Why there is no lab here; null when there is one.</summary>
    public string? Reason { get; }

    /// <summary>Never throws for want of a lab; may take a minute when zfs-fuse must be installed first.</summary>
    public static async Task<ZfsLab> StartAsync(CancellationToken cancel = default)
    {
        if (!OperatingSystem.IsLinux())
            return new ZfsLab("The ZFS lab needs Linux.");
        await Gate.WaitAsync(cancel).ConfigureAwait(false);
        try
        {
            if (_users == 0)
            {
                var (result, _) = await RunAsync(cancel, "start").ConfigureAwait(false);
                if (result.ExitCode == NotAvailable)
                    return new ZfsLab($"There is no ZFS lab here: {result.StandardError}");
                Require(result, "start");
            }
            _users++;
            return new ZfsLab(reason: null);
        }
        catch (Win32Exception e)
        {
            return new ZfsLab($"There is no ZFS lab here: bash cannot be started: {e.Message}");
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Makes an empty pool on a sparse file.</summary>
    /// <param name="role">A word that tells the pool apart in messages; letters, digits and dashes.</param>
    public async Task<LabPool> CreatePoolAsync(string role, long sizeBytes = 1L << 30, CancellationToken cancel = default)
    {
        if (!Available)
            throw new InvalidOperationException(Reason);
        var number = Interlocked.Increment(ref _pools);
        var name = string.Create(CultureInfo.InvariantCulture, $"lab-{Environment.ProcessId}-{number}-{role}");
        var (result, output) = await RunAsync(cancel, "pool", name, sizeBytes.ToString(CultureInfo.InvariantCulture)).ConfigureAwait(false);
        Require(result, "pool");
        return new LabPool(name, output.TrimEnd('\n').Split('\t')[1]);
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed || !Available)
            return;
        _disposed = true;
        await Gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (--_users > 0)
                return;
            var (result, _) = await RunAsync(CancellationToken.None, "stop").ConfigureAwait(false);
            Require(result, "stop");
        }
        finally
        {
            Gate.Release();
        }
    }

    internal static async Task<(ProcessResult Result, string Output)> RunAsync(CancellationToken cancel, params string[] arguments)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "zfs-lab.sh");
        var owner = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        var process = OwnedProcess.Start(new ProcessSpec("bash", [script, .. arguments, "--owner", owner], RedirectOutput: true));
        await using (process.ConfigureAwait(false))
        {
            using var reader = new StreamReader(process.StandardOutput, Encoding.UTF8);
            var output = await reader.ReadToEndAsync(cancel).ConfigureAwait(false);
            return (await process.Completion.WaitAsync(cancel).ConfigureAwait(false), output);
        }
    }

    internal static void Require(ProcessResult result, string command)
    {
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"zfs-lab.sh {command} failed with status {result.ExitCode}: {result.StandardError}");
    }
}
