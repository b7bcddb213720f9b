using System.Globalization;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Arguments;

/// <summary>
/// A dataset as a user names it: a number is an id, text is a full name (also where it is digits only: root datasets are named by their
/// VPS's id), an object of <c>Get-VpsDataset</c> is itself, and one of <c>Get-Vps</c> its root dataset.
/// </summary>
public sealed class DatasetArgument
{
    private readonly long? _id;
    private readonly string? _name;

    internal DatasetArgument(long id) => _id = id;

    internal DatasetArgument(string name) => _name = name;

    /// <exception cref="VpsAdminException">No dataset has this name.</exception>
    internal async Task<long> FindIdAsync(VpsAdminClient client, CancellationToken cancel) =>
        _id ?? (await FindByNameAsync(client, cancel).ConfigureAwait(false)).Id;

    /// <exception cref="VpsAdminException">No dataset has this name.</exception>
    internal Task<Dataset> FindAsync(VpsAdminClient client, CancellationToken cancel) =>
        _id is { } id ? client.GetDatasetAsync(id, cancel) : FindByNameAsync(client, cancel);

    public override string ToString() => _name ?? _id!.Value.ToString(CultureInfo.InvariantCulture);

    private async Task<Dataset> FindByNameAsync(VpsAdminClient client, CancellationToken cancel)
    {
        var all = await client.GetDatasetsAsync(vpsId: null, cancel).ConfigureAwait(false);
        return all.FirstOrDefault(d => d.Name == _name)
            ?? throw new VpsAdminException(Errors.DatasetNotFound,
                $"There is no dataset named '{_name}' that this account may see.{(_name!.All(char.IsAsciiDigit) ? $" Text is a name, also where it is all digits; an id is a number, [long]'{_name}' for example." : "")}", _name);
    }
}
