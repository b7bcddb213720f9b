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
        NodeResource.Declare(),
        PoolResource.Declare(),
        VpsResource.Declare(),
        DatasetResource.Declare(),
        SnapshotDownloadResource.Declare(),
        TransactionChainResource.Declare(),
        ActionStateResource.Declare(),
    ];
}
