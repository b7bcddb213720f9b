using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Connections;

/// <summary>The same on our own server, with real snapshots.</summary>
public sealed class OwnServerTests(LabFixture lab) : ConnectionTest
{
    [Fact]
    public async Task A_later_process_takes_lists_and_deletes_a_snapshot_by_actions_alone()
    {
        using var first = await lab.ConnectAsync();
        var vps = new TestVps(lab, first);
        Assert.Empty(first.Run("param($Uri, $Credential) Connect-VpsAdmin $Uri $Credential -Name own -Save", ("Uri", lab.Server.Uri), ("Credential", lab.Server.Credential())).Errors);

        var session = NewSession();
        var taken = session.Run("param($Id) Invoke-VpsAdminAction dataset.snapshot create $Id -Parameters @{ label = 'by action' }", ("Id", vps.DatasetId));
        Assert.Empty(taken.Errors.Select(e => e.ToString()));
        Assert.DoesNotContain("unconfirmed", taken.Single.Get<string>("name"), StringComparison.Ordinal);
        Assert.IsType<DateTimeOffset>(taken.Single.Properties["created_at"].Value);
        Assert.Equal([$"@{taken.Single.Get<string>("name")}"], EndToEnd.Zfs.Snapshots(vps.Filesystem));

        var listed = session.Run("param($Dataset) $Dataset | Invoke-VpsAdminAction dataset.snapshot index", ("Dataset", vps.Dataset));
        Assert.Equal(taken.Single.Get<long>("id"), listed.Single.Get<long>("id"));
        Assert.Empty(session.Run("param($Dataset, $Id) Invoke-VpsAdminAction dataset.snapshot delete $Dataset, $Id", ("Dataset", vps.DatasetId), ("Id", taken.Single.Get<long>("id"))).Errors);
        Assert.Empty(EndToEnd.Zfs.Snapshots(vps.Filesystem));

        Assert.Empty(session.Run("Disconnect-VpsAdmin -Forget").Errors);
        Assert.Equal("NotConnected", NewSession().Terminating("Get-Vps").Id());
    }
}
