using System.Management.Automation;
using VpsAdmin.Lab;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>Whether a server and its pool agree, as its administrator asks.</summary>
public sealed class ConsistencyTests(LabFixture lab)
{
    [Fact]
    public async Task A_server_agrees_with_its_pool_until_somebody_works_on_that_behind_its_back()
    {
        using var other = await lab.ConnectAsync();
        using var session = new EngineSession();
        using var folder = new TemporaryFolder();
        var pool = $"{lab.TargetPool}/agreed";
        Zfs.Run("create", pool);
        var data = folder.File("data");
        Assert.Empty(session.Run("param($Data, $Pool) Start-VpsAdminServer $Data $Pool", ("Data", data), ("Pool", pool)).Errors.Select(e => e.ToString()));
        var vps = session.Run("New-Vps web").Single.Get<long>("Id");
        var dataset = session.Run("param($Vps) Get-VpsDataset -Vps $Vps", ("Vps", vps)).Single;
        var snapshot = session.Run("param($Dataset) New-VpsSnapshot $Dataset", ("Dataset", dataset)).Single.Get<string>("Name");

        var agreed = session.Run("param($Data) Test-VpsAdminConsistency $Data", ("Data", data));
        Assert.Empty(agreed.Errors.Select(e => e.ToString()));
        Assert.Equal(true, agreed.Single.BaseObject);
        Assert.Empty(session.Run("param($Data) Test-VpsAdminConsistency $Data -Detailed", ("Data", data)).Output);

        var name = $"{pool}/{dataset.Get<string>("Name")}@{snapshot}";
        Zfs.Run("destroy", name);
        Assert.Equal(false, session.Run("param($Data) Test-VpsAdminConsistency $Data", ("Data", data)).Single.BaseObject);
        var finding = session.Run("param($Data) [pscustomobject]@{ DataPath = $Data } | Test-VpsAdminConsistency -Detailed", ("Data", data)).Single;
        Assert.Equal(("SnapshotMissing", name), (finding.Get<string>("Kind"), finding.Get<string>("Subject")));
        Assert.Contains("SnapshotMissing", session.Render("param($Finding) $Finding", ("Finding", finding)), StringComparison.Ordinal);
        session.Run("Stop-VpsAdminServer");
    }

    [Fact]
    public void A_folder_without_a_server_and_a_program_that_is_not_there_are_errors_about_them()
    {
        using var session = new EngineSession();
        using var folder = new TemporaryFolder();
        var none = session.Run("param($Data) Test-VpsAdminConsistency $Data", ("Data", folder.Path));
        Assert.Equal("CheckFailed", none.ErrorId);
        Assert.Contains("there is no database", none.Errors[0].ToString(), StringComparison.Ordinal);
        Assert.Equal("ServerNotFound", session.Run("param($Data) Test-VpsAdminConsistency $Data -ServerPath ./none", ("Data", folder.Path)).ErrorId);
    }

    [Theory]
    [InlineData("exit 1", "")]
    [InlineData("echo Unhandled >&2; exit 1", "Unhandled")]
    [InlineData("echo '{}'; exit 0", "")]
    [InlineData("exit 139", "")]
    public async Task A_program_that_falls_over_has_not_found_that_all_is_well(string script, string words)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "sh");
        using var session = new EngineSession();
        using var folder = new TemporaryFolder();
        var program = folder.File("server.sh");
        await ProgramFile.WriteAsync(program, $"#!/bin/sh\n{script}\n");
        var failed = session.Run("param($Data, $Program) Test-VpsAdminConsistency $Data -ServerPath $Program", ("Data", folder.Path), ("Program", program));
        Assert.Empty(failed.Output);
        Assert.Equal("CheckFailed", failed.ErrorId);
        Assert.Contains(words, failed.Errors[0].ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_database_is_looked_for_where_the_settings_say()
    {
        using var session = new EngineSession();
        using var folder = new TemporaryFolder();
        var settings = folder.File("server [1].json");
        File.WriteAllText(settings, $$"""{"database": {"provider": "postgresql", "connection": "Host={{folder.File("none")}};Database=vpsadmin"} }""");
        var away = session.Run("param($Data, $Config) Test-VpsAdminConsistency $Data -ConfigPath $Config", ("Data", folder.Path), ("Config", settings));
        Assert.Equal("CheckFailed", away.ErrorId);
        Assert.Contains("the database cannot be used", away.Errors[0].ToString(), StringComparison.Ordinal);

        var missing = session.Run("param($Data, $Config) Test-VpsAdminConsistency $Data -ConfigPath $Config", ("Data", folder.Path), ("Config", folder.File("missing.json")));
        Assert.Equal("CheckFailed", missing.ErrorId);
        Assert.Contains("--config: ", missing.Errors[0].ToString(), StringComparison.Ordinal);
    }
}
