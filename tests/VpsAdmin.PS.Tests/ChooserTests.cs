using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Reflection;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests;

/// <summary>What Save-VpsSnapshot without an id asks.</summary>
public sealed class ChooserTests : IDisposable
{
    private static readonly DateTimeOffset Time = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private readonly EngineSession _session = new();

    public ChooserTests() => _session.Run("Get-Command -Module VpsAdmin -Syntax");

    [Fact]
    public void BUG_27_nothing_to_choose_from_is_an_error_and_nobody_is_asked()
    {
        Assert.Equal("NothingToChoose", Refusal());
        Assert.Equal("NothingToChoose", Refusal(Snapshot(1, "101", "2026-03-04T05:06:07 (unconfirmed)", 0)));
        Assert.Equal("", _session.Host.Text);
    }

    [Fact]
    public void Snapshots_are_offered_by_dataset_and_age_and_a_wrong_number_is_asked_again()
    {
        foreach (var answer in (string[])["4", "0", "-1", "x", "2"])
            _session.Host.Answers.Enqueue(answer);
        Assert.Equal(12L, Choose(Snapshot(13, "102", "third", 1), Snapshot(12, "101", "second", 2), Snapshot(11, "101", "first", 1))!.Get<long>("Id"));
        var lines = _session.Host.Text.Split('\n');
        Assert.Equal(["101", "  (1) first", "  (2) second", "102", "  (3) third"], lines[..5]);
        Assert.Empty(_session.Host.Answers);
    }

    [Fact]
    public void An_empty_answer_chooses_nothing()
    {
        _session.Host.Answers.Enqueue("");
        Assert.Null(Choose(Snapshot(11, "101", "first", 1)));
    }

    [Fact]
    public void Where_nobody_can_be_asked_the_way_to_name_one_is_told() => Assert.Equal("NobodyToAsk", Refusal(Snapshot(11, "101", "first", 1)));

    public void Dispose() => _session.Dispose();

    private string Refusal(params PSObject[] snapshots)
    {
        var error = Assert.IsAssignableFrom<Exception>(Assert.Throws<TargetInvocationException>(() => Choose(snapshots)).InnerException);
        var record = Module("VpsAdmin.PS.Errors").GetMethod("TryDescribe")!.Invoke(null, [error, null]);
        return Assert.IsType<ErrorRecord>(record).FullyQualifiedErrorId;
    }

    private PSObject? Choose(params PSObject[] snapshots)
    {
        var element = snapshots.Length > 0 ? snapshots[0].BaseObject.GetType() : Snapshot(1, "x", "x", 0).BaseObject.GetType();
        var list = Array.CreateInstance(element, snapshots.Length);
        foreach (var (index, snapshot) in snapshots.Index())
            ((IList)list)[index] = snapshot.BaseObject;
        var chooser = Activator.CreateInstance(Module("VpsAdmin.PS.Transfers.SnapshotChooser"), _session.Host.UI)!;
        return chooser.GetType().GetMethod("Choose")!.Invoke(chooser, [list]) is { } chosen ? PSObject.AsPSObject(chosen) : null;
    }

    private static PSObject Snapshot(long id, string dataset, string name, int hours) =>
        ModuleRecord.New("VpsAdmin.Client.Snapshot", id, 7L, dataset, name, Time.AddHours(hours), 0, null);

    private static Type Module(string type) => AppDomain.CurrentDomain.GetAssemblies().Single(a => a.GetName().Name == "VpsAdmin.PS").GetType(type, throwOnError: true)!;
}
