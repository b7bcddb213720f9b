using System.Management.Automation;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>Files on the server, made and removed by hand.</summary>
public sealed class DownloadTests(LabFixture lab)
{
    [Fact]
    public async Task A_download_is_complete_when_the_command_returns_and_found_by_its_snapshot_and_by_its_id()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session);
        Assert.Empty(Run(session, "$Snapshot | New-VpsSnapshotDownload -WhatIf", snapshot).Output);
        Assert.Empty(Run(session, "$Snapshot | Get-VpsSnapshotDownload", snapshot).Output);

        var made = Run(session, "$Snapshot | New-VpsSnapshotDownload", snapshot).Single;
        Assert.True(made.Get<bool>("Ready"));
        Assert.Equal(64, made.Get<string>("Sha256").Length);
        var id = made.Get<long>("Id");
        Assert.Equal(id, Run(session, "$Snapshot | Get-VpsSnapshotDownload", snapshot).Single.Get<long>("Id"));
        Assert.Equal(id, session.Run("param($Id) Get-VpsSnapshotDownload -Id $Id", ("Id", id)).Single.Get<long>("Id"));
        Assert.Contains(id, session.Run("Get-VpsSnapshotDownload").Output.Select(d => d.Get<long>("Id")));
        Assert.Equal(id, Run(session, "New-VpsSnapshotDownload $Snapshot.Id", snapshot).Single.Get<long>("Id"));

        Assert.Empty(session.Run("param($Id) Remove-VpsSnapshotDownload $Id -WhatIf", ("Id", id)).Errors);
        Assert.Single(await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
        Assert.Empty(Run(session, "$Snapshot | Get-VpsSnapshotDownload | Remove-VpsSnapshotDownload -Confirm:$false", snapshot).Errors);
        Assert.Empty(await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
        Assert.Equal("ObjectNotFound", session.Run("param($Id) Get-VpsSnapshotDownload -Id $Id", ("Id", id)).ErrorId);
    }

    [Fact]
    public async Task A_download_of_another_format_is_in_the_way_until_it_is_replaced()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session);
        var archive = Run(session, "$Snapshot | New-VpsSnapshotDownload", snapshot).Single;
        var refused = Run(session, "$Snapshot | New-VpsSnapshotDownload -Format Stream", snapshot);
        Assert.Equal("FormatConflict", refused.ErrorId);
        Assert.Contains("-Force", refused.Errors[0].ToString(), StringComparison.Ordinal);
        var stream = Run(session, "$Snapshot | New-VpsSnapshotDownload -Format Stream -Force", snapshot).Single;
        Assert.NotEqual(archive.Get<long>("Id"), stream.Get<long>("Id"));
        Assert.Equal([stream.Get<long>("Id")], await lab.DownloadsOfAsync(snapshot.Get<long>("Id")));
    }

    [Fact]
    public async Task Nobody_waits_who_does_not_want_to()
    {
        using var session = await lab.ConnectAsync();
        var snapshot = Filled(session);
        var id = Run(session, "$Snapshot | New-VpsSnapshotDownload -NoWait", snapshot).Single.Get<long>("Id");
        // The same one, waited for now.
        var ready = Run(session, "$Snapshot | New-VpsSnapshotDownload", snapshot).Single;
        Assert.Equal((id, true), (ready.Get<long>("Id"), ready.Get<bool>("Ready")));
    }

    [Theory]
    [InlineData("New-VpsSnapshotDownload 1 -Format IncrementalStream")]
    [InlineData("New-VpsSnapshotDownload 1 -FromSnapshot 1 -Format Stream")]
    public async Task A_format_and_a_base_that_do_not_go_together_reach_no_server(string command)
    {
        using var session = await lab.ConnectAsync();
        Assert.Equal("InvalidCombination", session.Terminating(command).Id());
    }

    private PSObject Filled(EngineSession session)
    {
        var vps = new TestVps(lab, session);
        vps.Write("data", 100_000);
        return vps.Snapshot();
    }

    private static RunResult Run(EngineSession session, string script, PSObject snapshot) => session.Run("param($Snapshot) " + script, ("Snapshot", snapshot));
}
