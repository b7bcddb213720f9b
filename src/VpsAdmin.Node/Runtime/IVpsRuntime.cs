namespace VpsAdmin.Node.Runtime;

/// <summary>What runs VPSes on a node. A VPS outlives the node's process: a new one finds it again.</summary>
public interface IVpsRuntime
{
    /// <summary>Looks at the machine; nothing is changed.</summary>
    Task<VpsAbility> ExamineAsync(CancellationToken cancel);

    /// <summary>Fills an empty root filesystem with a system.</summary>
    /// <param name="root">Folder where it is mounted.</param>
    /// <exception cref="TransactionException">The template is not there, or not one that is unpacked.</exception>
    Task InstallAsync(string template, string root, CancellationToken cancel);

    /// <summary>Sets a VPS up, or anew; limits of one that runs change at once.</summary>
    Task ConfigureAsync(VpsHome home, VpsConfiguration configuration, CancellationToken cancel);

    /// <summary>Starts a VPS; one that runs is left alone, and one that is about to end is started when it has.</summary>
    /// <param name="prepare">Called before it starts, while nothing of it runs.</param>
    /// <exception cref="TransactionException">It does not start; the message has its last words.</exception>
    Task StartAsync(VpsHome home, Func<Task> prepare, CancellationToken cancel);

    /// <summary>Has a VPS shut down, and kills it when it takes longer than <paramref name="patience"/>. Nothing of it runs then.</summary>
    Task StopAsync(VpsHome home, TimeSpan patience, CancellationToken cancel);

    Task<bool> IsRunningAsync(VpsHome home, CancellationToken cancel);

    Task<VpsSample> SampleAsync(VpsHome home, CancellationToken cancel);
}

/// <summary>A VPS on this node.</summary>
/// <param name="Folder">What the runtime keeps of it; of all VPSes of a pool side by side.</param>
/// <param name="Root">Where its root filesystem is mounted.</param>
public sealed record VpsHome(long VpsId, string Folder, string Root);
