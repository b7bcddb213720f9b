using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>Servers, datasets and snapshots as the server has them.</summary>
public sealed class ResourceTests(LabFixture lab)
{
    [Fact]
    public async Task A_connection_shows_who_and_where_and_no_secret()
    {
        using var session = await lab.ConnectAsync();
        var connection = session.Run("param($Uri, $Credential) Connect-VpsAdmin $Uri $Credential",
            ("Uri", File.ReadAllText(Path.Combine(lab.DataPath, "server.url")).Trim()), ("Credential", lab.Server.Credential())).Single;
        Assert.Equal("admin", connection.Get<string>("User"));
        Assert.Equal("7.0", connection.Get<string>("ApiVersion"));
        Assert.All(connection.Properties, p => Assert.DoesNotContain(lab.Server.Password, $"{p.Value}", StringComparison.Ordinal));
        Assert.Equal($"admin at {connection.Get<string>("Uri")}", connection.ToString());
    }

    [Fact]
    public async Task A_wrong_password_is_not_authenticated()
    {
        using var session = await lab.ConnectAsync();
        using var wrong = lab.Server.Credential().Password.Copy();
        wrong.AppendChar('x');
        var error = session.Terminating("Connect-VpsAdmin $Uri $Credential", ("Uri", File.ReadAllText(Path.Combine(lab.DataPath, "server.url")).Trim()),
            ("Credential", new System.Management.Automation.PSCredential("admin", wrong)));
        Assert.Equal("NotAuthenticated", error.Id());
    }

    [Fact]
    public async Task After_disconnecting_nothing_works_any_more()
    {
        using var session = await lab.ConnectAsync();
        Assert.Empty(session.Run("Disconnect-VpsAdmin").Errors);
        Assert.Equal("NotConnected", session.Terminating("Get-Vps").Id());
    }

    [Fact]
    public async Task A_vps_is_made_and_found_and_what_if_makes_none()
    {
        using var session = await lab.ConnectAsync();
        Assert.Empty(session.Run("New-Vps never.example -WhatIf").Output);
        var id = session.Run("New-Vps found.example").Single.Get<long>("Id");
        Assert.Equal("found.example", session.Run("param($Id) Get-Vps $Id", ("Id", id)).Single.Get<string>("Hostname"));
        var names = session.Run("Get-Vps").Output.Select(v => v.Get<string>("Hostname")).ToList();
        Assert.Contains("found.example", names);
        Assert.DoesNotContain("never.example", names);
    }

    [Fact]
    public async Task One_id_that_is_missing_does_not_keep_back_the_others()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var result = session.Run("param($Id) Get-Vps 999999, $Id", ("Id", vps.Id));
        Assert.Equal(vps.Id, result.Single.Get<long>("Id"));
        Assert.Equal("ObjectNotFound", result.ErrorId);
        Assert.Equal(999999L, result.Errors[0].TargetObject);
    }

    [Fact]
    public async Task Datasets_are_found_by_wildcard_by_vps_and_by_pipeline()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var child = session.Run("param($Parent) $Parent | New-VpsDataset www", ("Parent", vps.Dataset)).Single.Get<string>("Name");
        Assert.Equal($"{vps.DatasetName}/www", child);
        string[] both = [vps.DatasetName, child];
        Assert.Equal(both, Names(session.Run("param($Id) Get-Vps $Id | Get-VpsDataset", ("Id", vps.Id))));
        Assert.Equal([child], Names(session.Run("param($Name) Get-VpsDataset \"$Name/*\"", ("Name", vps.DatasetName))));
        Assert.Equal("DatasetNotFound", session.Run("Get-VpsDataset no/such").ErrorId);
        Assert.Empty(session.Run("Get-VpsDataset no/such/*").Errors);
    }

    [Fact]
    public async Task A_dataset_name_that_zfs_refuses_reaches_no_server()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var result = session.Run("param($Parent) New-VpsDataset 'a/../b' -Parent $Parent", ("Parent", vps.DatasetId));
        Assert.Equal("InvalidDatasetName", result.ErrorId);
        Assert.Empty(session.Run("param($Parent) New-VpsDataset www -Parent $Parent -WhatIf", ("Parent", vps.DatasetId)).Output);
        Assert.Equal([vps.DatasetName], Names(session.Run("param($Vps) Get-VpsDataset -Vps $Vps", ("Vps", vps.Id))));
    }

    [Fact]
    public async Task A_snapshot_is_confirmed_when_the_command_returns_and_zfs_has_it()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var taken = session.Run("param($Name) New-VpsSnapshot $Name -Label 'before the upgrade'", ("Name", vps.DatasetName)).Single;
        Assert.True(taken.Get<bool>("IsConfirmed"));
        Assert.Equal("before the upgrade", taken.Get<string>("Label"));
        Assert.Contains($"@{taken.Get<string>("Name")}", Zfs.Snapshots(vps.Filesystem));
    }

    [Fact]
    public async Task Snapshots_are_found_by_dataset_by_vps_and_by_id()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        Assert.Empty(session.Run("param($Id) New-VpsSnapshot $Id -WhatIf", ("Id", vps.DatasetId)).Output);
        var id = vps.Snapshot().Get<long>("Id");
        foreach (var script in (string[])["Get-VpsSnapshot $DatasetId", "Get-VpsSnapshot $Name", "Get-Vps $Vps | Get-VpsSnapshot", "Get-VpsSnapshot -Id $Id"])
            Assert.Equal(id, session.Run("param($DatasetId, $Name, $Vps, $Id) " + script,
                ("DatasetId", vps.DatasetId), ("Name", vps.DatasetName), ("Vps", vps.Id), ("Id", id)).Single.Get<long>("Id"));
        Assert.Equal("SnapshotNotFound", session.Run("Get-VpsSnapshot -Id 999999").ErrorId);
        Assert.Equal("DatasetNotFound", session.Run("Get-VpsSnapshot no/such").ErrorId);
    }

    [Fact]
    public async Task A_rollback_takes_the_files_back_and_loses_what_it_named()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        vps.Write("kept", 1000);
        var first = vps.Snapshot();
        vps.Write("lost", 1000);
        var second = vps.Snapshot().Get<string>("Name");

        session.Host.Clear();
        session.Run("param($S) $S | Restore-VpsSnapshot -WhatIf", ("S", first));
        Assert.Contains($"with 1 newer snapshot: @{second}", session.Host.Text, StringComparison.Ordinal);
        var restored = session.Run("param($S) $S | Restore-VpsSnapshot -Confirm:$false", ("S", first));

        Assert.Empty(restored.Errors.Select(e => e.ToString()));
        Assert.Equal(first.Get<long>("Id"), restored.Single.Get<long>("Id"));
        Assert.Equal([$"@{first.Get<string>("Name")}"], Zfs.Snapshots(vps.Filesystem));
        var folder = Zfs.Run("get", "-H", "-o", "value", "mountpoint", vps.Filesystem).Trim();
        Assert.Equal((true, false), (File.Exists(Path.Combine(folder, "kept")), File.Exists(Path.Combine(folder, "lost"))));
        Assert.Equal([first.Get<long>("Id")], session.Run("param($D) Get-VpsSnapshot $D", ("D", vps.Dataset)).Output.Select(s => s.Get<long>("Id")));
    }

    [Fact]
    public async Task A_snapshot_is_deleted_and_what_the_server_did_is_listed()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var snapshot = vps.Snapshot();
        Assert.Empty(session.Run("param($S) $S | Remove-VpsSnapshot -Confirm:$false", ("S", snapshot)).Errors.Select(e => e.ToString()));
        Assert.Empty(Zfs.Snapshots(vps.Filesystem));
        var chain = session.Run("Get-VpsTransactionChain -State done -Limit 1 | Wait-VpsTransactionChain -Timeout 60").Single;
        Assert.Equal("done", chain.Get<string>("State"));
        Assert.Equal(chain.Get<long>("Id"), session.Run("param($C) Get-VpsTransactionChain $C", ("C", chain)).Single.Get<long>("Id"));
    }

    [Fact]
    public async Task Servers_and_datasets_are_chosen_by_the_servers_filters()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        session.Run("param($P) New-VpsDataset deep -Parent (New-VpsDataset www -Parent $P).Id", ("P", vps.DatasetId));
        var node = session.Run("param($Id) (Get-Vps $Id).Node.Id", ("Id", vps.Id)).Single.BaseObject;
        Assert.Contains(vps.Id, session.Run("param($N) Get-Vps -Node $N -Hostname te*", ("N", node)).Output.Select(v => v.Get<long>("Id")));
        Assert.Empty(session.Run("Get-Vps -Node 999999").Output);
        Assert.Equal([vps.DatasetName, $"{vps.DatasetName}/www", $"{vps.DatasetName}/www/deep"], Names(session.Run("param($D) Get-VpsDataset -Root $D", ("D", vps.DatasetId))).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Completion_offers_what_is_there()
    {
        using var session = await lab.ConnectAsync();
        var vps = new TestVps(lab, session);
        var snapshot = vps.Snapshot();
        Assert.Contains($"'{vps.DatasetName}'", await Completed(session, "Get-VpsSnapshot -Dataset ", r => r.Count > 0));
        Assert.Contains(snapshot.Get<string>("Id"), await Completed(session, "Save-VpsSnapshot -Id ", r => r.Count > 0));
        Assert.Equal(["Archive", "IncrementalStream", "Stream"], (await Completed(session, "Save-VpsSnapshot 1 -Format ", r => r.Count > 0)).Order());
    }

    // The first answer may come too late for the prompt, by design.
    private static async Task<IReadOnlyList<string>> Completed(EngineSession session, string line, Func<IReadOnlyList<string>, bool> until)
    {
        IReadOnlyList<string> found = [];
        await Eventually.Async(() =>
        {
            found = [.. session.Run("param($Line) (TabExpansion2 $Line $Line.Length).CompletionMatches", ("Line", line)).Output.Select(c => c.Get<string>("CompletionText"))];
            return until(found);
        }, TestContext.Current.CancellationToken);
        return found;
    }

    private static IEnumerable<string> Names(RunResult result) => result.Output.Select(d => d.Get<string>("Name"));
}
