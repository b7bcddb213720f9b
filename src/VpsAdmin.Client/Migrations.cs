using VpsAdmin.HaveApi.Wire;

namespace VpsAdmin.Client;

/// <summary>Several virtual servers that are moved together.</summary>
/// <param name="State">staged, running, cancelling, failing, cancelled, done or error.</param>
/// <param name="Concurrency">How many move at the same time.</param>
/// <param name="StopOnError">Whether the first failure cancels what has not begun.</param>
public sealed record MigrationPlan(
    long Id, string State, bool? StopOnError, bool? SendMail, int? Concurrency, string? Reason, Reference? User, DateTimeOffset? CreatedAt, DateTimeOffset? FinishedAt)
{
    public const string Staged = "staged";

    public const string Done = "done";

    /// <summary>Whether nothing will happen to the plan any more, well or not.</summary>
    public bool IsFinished => State is Done or "cancelled" or "error";
}

/// <summary>One virtual server of a plan.</summary>
/// <param name="State">queued, running, cancelled, done or error.</param>
public sealed record VpsMigration(long Id, string State, Reference? Vps, Reference? SourceNode, Reference? DestinationNode, Reference? TransactionChain);

/// <summary>What a plan is made with; null leaves the choice to the server.</summary>
/// <param name="Concurrency">How many move at the same time.</param>
public sealed record MigrationPlanOptions(bool? StopOnError = null, bool? SendMail = null, int? Concurrency = null, string? Reason = null);

/// <summary>How a virtual server is moved; null leaves the choice to the server.</summary>
/// <param name="CleanupData">Delete its datasets on the node that it leaves.</param>
/// <param name="MaintenanceWindow">Wait for the VPS's maintenance window (<c>outage_window</c> on servers before 2020).</param>
public sealed record VpsMigrationOptions(bool? CleanupData = null, bool? MaintenanceWindow = null);

internal static partial class ResourceReader
{
    public static MigrationPlan MigrationPlan(ObjectReader json) => new(
        json.Id("id"),
        json.Name("state", ShortText),
        json.OptionalBoolean("stop_on_error"),
        json.OptionalBoolean("send_mail"),
        (int?)json.OptionalInteger("concurrency", 0, int.MaxValue),
        json.OptionalText("reason", LongText),
        Reference(json, "user"),
        json.OptionalTime("created_at"),
        json.OptionalTime("finished_at"));

    public static VpsMigration VpsMigration(ObjectReader json) => new(
        json.Id("id"),
        json.Name("state", ShortText),
        Reference(json, "vps"),
        Reference(json, "src_node"),
        Reference(json, "dst_node"),
        Reference(json, "transaction_chain"));
}
