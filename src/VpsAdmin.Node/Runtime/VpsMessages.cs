namespace VpsAdmin.Node.Runtime;

/// <summary>Which VPS is meant, and where its root filesystem is.</summary>
/// <param name="Filesystem">Pool filesystem, such as <c>tank/vps</c>.</param>
/// <param name="Dataset">Full name below it, such as <c>101</c>.</param>
public sealed record VpsPlace(string Filesystem, string Dataset, long VpsId);

/// <param name="Memory">MiB; null: no limit, as of the others.</param>
/// <param name="Cpu">Percent of one CPU: 200 is two CPUs.</param>
/// <param name="Processes">Number of processes and threads.</param>
public sealed record VpsLimits(long? Memory = null, int? Cpu = null, int? Processes = null);

/// <summary>What a VPS is set up with. It moves with the VPS from node to node.</summary>
/// <param name="Template">What its system was made of; null: its owner filled it.</param>
/// <param name="Addresses">With the length of their prefix, such as <c>192.0.2.7/24</c>.</param>
public sealed record VpsConfiguration(string Hostname, string? Template, VpsLimits Limits, IReadOnlyList<string> Addresses);

/// <param name="Replace">There is a system already, and a snapshot of it, the dataset's newest: it goes, and comes back if this is undone.</param>
public sealed record InstallVpsInput(VpsPlace Place, string Template, bool Replace);

/// <param name="Before">What to go back to; null: the VPS has not been on this node.</param>
public sealed record ConfigureVpsInput(VpsPlace Place, VpsConfiguration Configuration, VpsConfiguration? Before);

/// <param name="Patience">Seconds that its system may take to shut down before it is killed; 0: none.</param>
public sealed record RunVpsInput(VpsPlace Place, int Patience);

public sealed record DestroyVpsInput(VpsPlace Place);

/// <summary>How a VPS is at one moment.</summary>
/// <param name="Uptime">Seconds; null unless it runs, as of the others.</param>
/// <param name="UsedMemory">Bytes.</param>
/// <param name="Load">CPUs that it kept busy, on average since the sample before; null in the first one.</param>
public sealed record VpsSample(long VpsId, bool IsRunning, long? Uptime = null, int? Processes = null, long? UsedMemory = null, double? Load = null);

/// <summary>Whether a node runs VPSes.</summary>
/// <param name="Refusal">Why it does not; null: it does.</param>
/// <param name="Templates">What a VPS's system can be made of there.</param>
public sealed record VpsAbility(string? Refusal, IReadOnlyList<string> Templates);
