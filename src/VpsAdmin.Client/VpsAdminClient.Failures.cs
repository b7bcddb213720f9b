using System.Text.Json.Nodes;
using VpsAdmin.HaveApi;

namespace VpsAdmin.Client;

public sealed partial class VpsAdminClient
{
    private const string Transactions = "transaction#index";
    private const int LongestReason = 1000;

    /// <summary>What the node said of the first transaction of a chain that failed.</summary>
    /// <returns>Null: this account may not know (only administrators do, as it tells of the hosts), or the server does not say.</returns>
    private async Task<string?> ReasonAsync(long chainId, CancellationToken cancel)
    {
        if (!Api.Has(Transactions) || Api.Describe(Transactions).Output?.Parameters.ContainsKey("error") is not true)
            return null;
        try
        {
            var input = new JsonObject { ["transaction_chain"] = chainId };
            var transactions = await ManyAsync(Transactions, [], input, static json => (Id: json.Id("id"), Error: json.OptionalText("error", LongestReason)), cancel).ConfigureAwait(false);
            return transactions.Where(static t => t.Error is not null).OrderBy(static t => t.Id).FirstOrDefault().Error;
        }
        catch (HaveApiException)
        {
            // That it failed is known; why would only have been told besides.
            return null;
        }
    }
}
