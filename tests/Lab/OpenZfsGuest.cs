using System.ComponentModel;
using System.Globalization;
using System.Text;
using VpsAdmin.Zfs;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Lab;

/// <summary>
/// OpenZFS in a virtual machine of this test process, through <c>openzfs-guest.sh</c>, for what zfs-fuse does not have. It has two empty
/// pools. Ask <see cref="Available"/> first and skip the test with <see cref="Reason"/>. Keep streams small: the machine is emulated.
/// </summary>
public sealed class OpenZfsGuest : IAsyncDisposable
{
    private const int NoImage = 3;

    private readonly DirectoryInfo? _state;
    private readonly string _shims;
    private bool _disposed;

    private OpenZfsGuest(DirectoryInfo? state, string shims, string? reason)
    {
        _state = state;
        _shims = shims;
        Reason = reason;
        Options = new ZfsHostOptions(Program: Path.Combine(shims, "zfs"));
    }

    /// <summary>The pools; filesystems are mounted in the guest below <c>/tank</c> and <c>/back</c>.</summary>
    public const string Tank = "tank", Back = "back";

    public bool Available => Reason is null;

    /// <summary>Why there is no guest here; null when there is one.</summary>
    public string? Reason { get; }

    /// <summary>For a <see cref="ZfsHost"/> whose zfs is the guest's.</summary>
    public ZfsHostOptions Options { get; }

    /// <summary>The guest as a machine that is reached over ssh.</summary>
    public SshTarget Ssh => new("openzfs", Path.Combine(_state!.FullName, "ssh-config"));

    /// <summary>Boots a guest in some seconds when an image was built; never builds one.</summary>
    /// <exception cref="InvalidOperationException">There is an image, and it does not boot.</exception>
    public static async Task<OpenZfsGuest> StartAsync(CancellationToken cancel = default)
    {
        if (!OperatingSystem.IsLinux())
            return new OpenZfsGuest(null, "", "The OpenZFS guest needs Linux.");
        var state = Directory.CreateTempSubdirectory("vpsadmin-openzfs-");
        try
        {
            var owner = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
            var (result, output) = await ScriptAsync(["start", "--state", state.FullName, "--owner", owner], cancel).ConfigureAwait(false);
            if (result.ExitCode == 0)
                return new OpenZfsGuest(state, output.Split('\t')[0], reason: null);
            state.Refresh();
            if (state.Exists)
                state.Delete(recursive: true);
            return result.ExitCode == NoImage
                ? new OpenZfsGuest(null, "", result.StandardError.Trim())
                : throw new InvalidOperationException($"The OpenZFS guest does not start: {result.StandardError}");
        }
        catch (Win32Exception e)
        {
            state.Delete();
            return new OpenZfsGuest(null, "", $"There is no OpenZFS guest here: bash cannot be started: {e.Message}");
        }
    }

    /// <summary>Starts any program in the guest. Killing the process kills the program before the next one starts.</summary>
    public OwnedProcess Start(IEnumerable<string> command, bool input = false) =>
        OwnedProcess.Start(new ProcessSpec(Path.Combine(_shims, "in-guest"), [.. command], input, RedirectOutput: true));

    /// <summary>Runs any program in the guest and returns what it printed.</summary>
    /// <exception cref="ZfsException">It failed.</exception>
    public async Task<string> RunAsync(IEnumerable<string> command, CancellationToken cancel)
    {
        var process = Start(command);
        await using (process.ConfigureAwait(false))
        {
            var (result, output) = await EndAsync(process, cancel).ConfigureAwait(false);
            return result.ExitCode == 0 ? output : throw ZfsException.From(process.Command, result);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed || _state is null)
            return;
        _disposed = true;
        var (result, _) = await ScriptAsync(["stop", "--state", _state.FullName], CancellationToken.None).ConfigureAwait(false);
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"The OpenZFS guest does not stop: {result.StandardError}");
    }

    private static async Task<(ProcessResult Result, string Output)> ScriptAsync(string[] arguments, CancellationToken cancel)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "guest", "openzfs-guest.sh");
        var process = OwnedProcess.Start(new ProcessSpec("bash", [script, .. arguments], RedirectOutput: true));
        await using (process.ConfigureAwait(false))
            return await EndAsync(process, cancel).ConfigureAwait(false);
    }

    private static async Task<(ProcessResult Result, string Output)> EndAsync(OwnedProcess process, CancellationToken cancel)
    {
        using var reader = new StreamReader(process.StandardOutput, Encoding.UTF8);
        var output = await reader.ReadToEndAsync(cancel).ConfigureAwait(false);
        return (await process.Completion.WaitAsync(cancel).ConfigureAwait(false), output);
    }
}
