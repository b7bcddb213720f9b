using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Transfers;

/// <summary>Lets the person at the prompt choose one of the account's snapshots by a number.</summary>
internal sealed class SnapshotChooser(PSHostUserInterface ui)
{
    /// <param name="snapshots">Of any number of datasets.</param>
    /// <returns>Null when nothing is chosen.</returns>
    /// <exception cref="VpsAdminException">There is nothing to choose from (BUG-27), or nobody to ask.</exception>
    public Snapshot? Choose(IEnumerable<Snapshot> snapshots)
    {
        var offered = snapshots.Where(static s => s.IsConfirmed)
            .GroupBy(static s => s.DatasetName ?? $"dataset {s.DatasetId}").OrderBy(static g => g.Key, StringComparer.Ordinal)
            .SelectMany(static g => g.OrderBy(static s => s.CreatedAt).ThenBy(static s => s.Id), static (g, s) => (Dataset: g.Key, Snapshot: s)).ToList();
        if (offered.Count == 0)
            throw new VpsAdminException(Errors.NothingToChoose, "There are no snapshots to choose from.", null);
        try
        {
            Show(offered);
            return Ask(offered.Count) is { } number ? offered[number - 1].Snapshot : null;
        }
        catch (Exception e) when (e is PSInvalidOperationException or HostException or NotImplementedException or NotSupportedException or EndOfStreamException)
        {
            throw new VpsAdminException(Errors.NobodyToAsk, $"No snapshot is named, and nobody can be asked for one: {e.Message}", null, e);
        }
    }

    private void Show(List<(string Dataset, Snapshot Snapshot)> offered)
    {
        var dataset = "";
        foreach (var (index, (name, snapshot)) in offered.Index())
        {
            if (name != dataset)
                ui.WriteLine(dataset = name);
            ui.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  ({index + 1}) {snapshot.Name}{(snapshot.Label is { } label ? $"  {label}" : "")}"));
        }
    }

    private int? Ask(int count)
    {
        while (true)
        {
            ui.Write($"Number of the snapshot (1 to {count}; nothing to leave): ");
            var answer = ui.ReadLine()?.Trim();
            if (string.IsNullOrEmpty(answer))
                return null;
            if (int.TryParse(answer, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= count)
                return number;
        }
    }
}
