using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Faults.Tests.Cutting;

/// <summary>A program beside this one that keeps what it reads, and that it was all, in files.</summary>
internal sealed class WatchedProgram(string folder) : IWatchedReader
{
    private readonly string _got = Path.Combine(folder, "got");
    private readonly string _all = Path.Combine(folder, "all");

    public IDecodedTarget Target => new CommandTarget(new ProcessSpec("/bin/sh", ["-c", "cat > \"$1\" && : > \"$2\"", "sh", _got, _all]), static _ => { });

    public byte[] Got => File.Exists(_got) ? File.ReadAllBytes(_got) : [];

    public bool IsCommitted => File.Exists(_all);

    public int Living => Processes.Naming(_got).Count;
}
