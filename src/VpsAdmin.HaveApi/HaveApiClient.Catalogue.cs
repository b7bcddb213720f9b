using VpsAdmin.HaveApi.Calls;

namespace VpsAdmin.HaveApi;

public sealed partial class HaveApiClient
{
    /// <summary>All that this user is offered, by path: what a person, or a completer, chooses from.</summary>
    public IReadOnlyList<DescribedResource> Resources => Catalogue.Of(Description);
}
