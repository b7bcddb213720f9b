using VpsAdmin.Server.Accounts;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Resources;

/// <summary>What the API consists of.</summary>
internal static class AllResources
{
    public static IReadOnlyList<ApiResource> List { get; } =
    [
        UserResource.Declare(),
        UserSessionResource.Declare(),
        ClusterResource.Declare(),
        EnvironmentResource.Declare(),
        LocationResource.Declare(),
        NodeResource.Declare(),
        PoolResource.Declare(),
        VpsResource.Declare(),
        MigrationPlanResource.Declare(),
        DatasetResource.Declare(),
        SnapshotDownloadResource.Declare(),
        TransactionChainResource.Declare(),
        TransactionResource.Declare(),
        ActionStateResource.Declare(),
    ];
}
