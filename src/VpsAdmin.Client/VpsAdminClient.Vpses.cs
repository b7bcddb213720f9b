using System.Text.Json.Nodes;

namespace VpsAdmin.Client;

/// <summary>What a new virtual server has beside its name; null leaves the choice to the server.</summary>
/// <param name="Template">What its system is made of.</param>
/// <param name="Start">Start it when it has a system.</param>
public sealed record VpsCreationOptions(long? NodeId = null, string? Template = null, bool? Start = null);

/// <summary>What is changed of a virtual server; null stays as it is.</summary>
/// <param name="Memory">MiB; 0: no limit, as of the others.</param>
/// <param name="CpuLimit">Percent of one CPU.</param>
/// <param name="ProcessLimit">Processes and threads.</param>
/// <param name="IpAddresses">All of them, with the lengths of their prefixes.</param>
/// <param name="MaintenanceWindows">All of them, such as <c>Sun 01:00-05:00</c>, UTC.</param>
public sealed record VpsChanges(
    string? Hostname = null, long? Memory = null, int? CpuLimit = null, int? ProcessLimit = null, IReadOnlyList<string>? IpAddresses = null, IReadOnlyList<string>? MaintenanceWindows = null);

public sealed partial class VpsAdminClient
{
    /// <summary>Only options that are set are sent.</summary>
    public Task<Started<Vps>> CreateVpsAsync(string hostname, VpsCreationOptions options, CancellationToken cancel)
    {
        var input = new JsonObject { ["hostname"] = hostname };
        Set(input, "node", options.NodeId);
        Set(input, "template", options.Template);
        Set(input, "start", options.Start);
        return StartAsync("vps#create", [], input, ResourceReader.Vps, cancel);
    }

    /// <summary>Makes another virtual server of one's data.</summary>
    /// <param name="nodeId">Null leaves the choice to the server, as of <paramref name="start"/>.</param>
    public Task<Started<Vps>> CloneVpsAsync(long id, string hostname, long? nodeId, bool? start, CancellationToken cancel)
    {
        var input = new JsonObject { ["hostname"] = hostname };
        Set(input, "node", nodeId);
        Set(input, "start", start);
        return StartAsync("vps#clone", [id], input, ResourceReader.Vps, cancel);
    }

    /// <returns>To follow it with, as of the others; null when it is done.</returns>
    public Task<long?> StartVpsAsync(long id, CancellationToken cancel) => RunVpsAsync("vps#start", id, null, cancel);

    /// <param name="force">Kill it instead of having it shut down.</param>
    public Task<long?> StopVpsAsync(long id, bool force, CancellationToken cancel) => RunVpsAsync("vps#stop", id, Force(force), cancel);

    /// <param name="force">Kill it instead of having it shut down.</param>
    public Task<long?> RestartVpsAsync(long id, bool force, CancellationToken cancel) => RunVpsAsync("vps#restart", id, Force(force), cancel);

    /// <param name="now">Destroy it now, with its datasets, and do not wait until it has expired.</param>
    public Task<long?> DeleteVpsAsync(long id, bool now, CancellationToken cancel) => RunVpsAsync("vps#delete", id, now ? new JsonObject { ["lazy"] = false } : null, cancel);

    public async Task<long?> UpdateVpsAsync(long id, VpsChanges changes, CancellationToken cancel)
    {
        var input = new JsonObject();
        Set(input, "hostname", changes.Hostname);
        SetLimit(input, "memory", changes.Memory);
        SetLimit(input, "cpu_limit", changes.CpuLimit);
        SetLimit(input, "process_limit", changes.ProcessLimit);
        Set(input, "ip_addresses", changes.IpAddresses is { } addresses ? string.Join(',', addresses) : null);
        Set(input, "maintenance_windows", changes.MaintenanceWindows is { } windows ? string.Join(", ", windows) : null);
        return (await Api.CallAsync("vps#update", [id], input, null, cancel).ConfigureAwait(false)).ActionStateId;
    }

    private async Task<long?> RunVpsAsync(string action, long id, JsonObject? input, CancellationToken cancel) =>
        (await Api.CallAsync(action, [id], input, null, cancel).ConfigureAwait(false)).ActionStateId;

    /// <summary>A server of 2016 has no such parameter, and needs none where nothing is forced.</summary>
    private static JsonObject? Force(bool force) => force ? new JsonObject { ["force"] = true } : null;

    private static void SetLimit(JsonObject input, string name, long? limit)
    {
        if (limit is { } value)
            input[name] = value == 0 ? null : value;
    }
}
