using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace VpsAdmin.Node.Runtime;

/// <summary>Which hierarchy limits are set in.</summary>
internal enum CgroupVersion
{
    First = 1,
    Second = 2,
}

/// <param name="Key">Such as <c>memory.max</c>, without the prefix that the configuration has.</param>
internal sealed record CgroupLimit(string Key, string Value);

/// <summary>Writes the configuration of a container. All that comes from messages is checked here: a line break would be another setting.</summary>
/// <param name="cgroups">Of this machine.</param>
/// <param name="bridge">Where addresses are reached; null: interfaces are not connected.</param>
/// <param name="hasAppArmor">The kernel has it; elsewhere naming a profile is an error.</param>
internal sealed partial class LxcConfig(CgroupVersion cgroups, string? bridge, bool hasAppArmor)
{
    // cpu.max and cpu.cfs_period_us, in microseconds.
    private const int CpuPeriod = 100_000;

    // Bytes; as much is kept once more of what was before.
    private const int ConsoleSize = 1 << 20;

    /// <exception cref="TransactionException">Something in it cannot be.</exception>
    public string Write(string root, VpsConfiguration configuration)
    {
        Check(root, configuration);
        var text = new StringBuilder();
        Line("lxc.include", "/usr/share/lxc/config/common.conf");
        Line("lxc.include", "/usr/share/lxc/config/userns.conf");
        if (hasAppArmor)
            Line("lxc.apparmor.profile", "generated");
        Line("lxc.uts.name", configuration.Hostname);
        Line("lxc.rootfs.path", "dir:" + root);
        foreach (var kind in (ReadOnlySpan<string>)["u", "g"])
            Line("lxc.idmap", Invariant($"{kind} 0 {IdMap.First} {IdMap.Count}"));
        // Busybox's init wants another signal than others.
        if (configuration.Template is RootFilesystem.Busybox)
            Line("lxc.signal.halt", "SIGUSR1");
        // What its system says to nobody shall not fill the pool.
        Line("lxc.console.size", Invariant($"{ConsoleSize}"));
        Line("lxc.console.rotate", "1");
        foreach (var limit in Limits(configuration.Limits))
            Line((cgroups is CgroupVersion.Second ? "lxc.cgroup2." : "lxc.cgroup.") + limit.Key, limit.Value);
        AppendNetwork(configuration.Addresses);
        return text.ToString();

        void Line(string key, string value) => text.Append(key).Append(" = ").Append(value).Append('\n');

        void AppendNetwork(IReadOnlyList<string> addresses)
        {
            if (addresses.Count == 0 && bridge is null)
            {
                Line("lxc.net.0.type", "empty");
                return;
            }
            Line("lxc.net.0.type", "veth");
            if (bridge is not null)
                Line("lxc.net.0.link", bridge);
            Line("lxc.net.0.flags", "up");
            foreach (var address in addresses)
                Line(IPNetworkOf(address).AddressFamily is AddressFamily.InterNetwork ? "lxc.net.0.ipv4.address" : "lxc.net.0.ipv6.address", address);
        }
    }

    /// <summary>In the order in which they are to be set.</summary>
    public IReadOnlyList<CgroupLimit> Limits(VpsLimits limits)
    {
        var (cpu, memory, processes) = (limits.Cpu * (CpuPeriod / 100), limits.Memory << 20, limits.Processes);
        List<CgroupLimit> all = cgroups is CgroupVersion.Second
            ?
            [
                new("memory.max", memory is { } bytes ? Invariant($"{bytes}") : "max"),
                new("cpu.max", cpu is { } quota ? Invariant($"{quota} {CpuPeriod}") : Invariant($"max {CpuPeriod}")),
            ]
            :
            [
                new("memory.limit_in_bytes", Invariant($"{memory ?? -1}")),
                new("cpu.cfs_period_us", Invariant($"{CpuPeriod}")),
                new("cpu.cfs_quota_us", Invariant($"{cpu ?? -1}")),
            ];
        all.Add(new("pids.max", processes is { } most ? Invariant($"{most}") : "max"));
        return all;
    }

    private static void Check(string root, VpsConfiguration configuration)
    {
        if (!Hostname().IsMatch(configuration.Hostname))
            throw new TransactionException($"'{configuration.Hostname}' is not a host name.");
        if (root.AsSpan().ContainsAny('\n', '\r'))
            throw new TransactionException("The root filesystem's mount point has a line break in it.");
        if (configuration.Limits is { Memory: <= 0 } or { Cpu: <= 0 } or { Processes: <= 0 })
            throw new TransactionException("A limit of a VPS is a number above 0.");
        foreach (var address in configuration.Addresses)
            IPNetworkOf(address);
    }

    private static IPAddress IPNetworkOf(string text) =>
        text.Split('/') is [var address, var length] && IPAddress.TryParse(address, out var ip) && address == ip.ToString()
            && int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var bits) && bits <= (ip.AddressFamily is AddressFamily.InterNetwork ? 32 : 128)
            ? ip
            : throw new TransactionException($"'{text}' is not an address with the length of its prefix, such as 192.0.2.7/24.");

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);

    [GeneratedRegex(@"\A[a-zA-Z0-9][a-zA-Z\-_\.0-9]{0,254}\z")]
    private static partial Regex Hostname();
}
