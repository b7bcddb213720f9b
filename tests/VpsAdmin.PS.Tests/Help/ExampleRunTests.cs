using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>The examples of the pages are run, by vpsadmin, in the order of the page, on a real server and a real pool.</summary>
public sealed class ExampleRunTests(LabFixture lab) : IDisposable
{
    /// <summary>Examples that are not run, with what keeps them. Their syntax and parameters are checked all the same.</summary>
    private static readonly Dictionary<(string Cmdlet, int Number), string> NotRun = new()
    {
        [("Backup-Vps", 2)] = Others,
        [("Backup-VpsDataset", 3)] = "something new on the server; it is to fail where there is nothing, as here",
        [("Backup-VpsDataset", 4)] = "a file of jobs, and Import-Csv of pwsh",
        [("Backup-VpsDataset", 5)] = "another machine by ssh",
        [("Connect-VpsAdmin", 4)] = "a token that an administrator gave",
        [("Connect-VpsAdmin", 6)] = "a browser, and somebody before it",
        [("Copy-Vps", 2)] = Others,
        [("Get-Vps", 3)] = Others,
        [("Get-VpsConsoleLog", 1)] = Containers,
        [("Get-VpsConsoleLog", 2)] = Containers,
        [("Get-VpsConsoleLog", 3)] = Containers,
        [("Get-VpsMigrationPlan", 2)] = Plans,
        [("Get-VpsTransfer", 3)] = "an interrupted download",
        [("Install-Vps", 1)] = Containers,
        [("Install-Vps", 2)] = Containers,
        [("Move-Vps", 1)] = Plans,
        [("Move-Vps", 2)] = Plans,
        [("Move-Vps", 3)] = Plans,
        [("New-Vps", 3)] = Containers,
        [("Remove-VpsSnapshotDownload", 2)] = Others,
        [("Remove-VpsTransfer", 1)] = "an interrupted download",
        [("Restart-Vps", 1)] = Containers,
        [("Restart-Vps", 2)] = Containers,
        [("Save-VpsSnapshot", 5)] = Others,
        [("Send-VpsSnapshot", 3)] = "another machine by ssh",
        [("Send-VpsSnapshot", 5)] = "pwsh, and a caller",
        [("Send-VpsSnapshot", 7)] = "another machine by ssh",
        [("Start-Vps", 1)] = Containers,
        [("Start-Vps", 2)] = Containers,
        [("Start-Vps", 3)] = Containers,
        [("Start-VpsMigrationPlan", 1)] = Plans,
        [("Start-VpsMigrationPlan", 2)] = Plans,
        [("Stop-Vps", 1)] = Containers,
        [("Stop-Vps", 2)] = Containers,
        [("Stop-Vps", 3)] = Containers,
        [("Stop-VpsAdminServer", 1)] = "it would stop the server of all tests",
        [("Stop-VpsAdminServer", 3)] = "a server that the session has started",
        [("Stop-VpsMigrationPlan", 1)] = Plans,
        [("Test-VpsAdminConsistency", 1)] = Others,
        [("Test-VpsAdminConsistency", 2)] = Others,
        [("Test-VpsAdminConsistency", 3)] = "a PostgreSQL server",
        [("Test-VpsSnapshotStream", 1)] = "a file of one's own",
        [("Test-VpsSnapshotStream", 2)] = "a file of one's own",
        [("Test-VpsSnapshotStream", 4)] = "a file of one's own",
        [("Unregister-VpsBackupSchedule", 1)] = "a schedule of this name",
        [("Wait-VpsTransactionChain", 1)] = Others,
    };

    private const string Plans = "a second node";
    private const string Containers = "LXC, and a VPS with a system in it";
    private const string Others = "a server without other tests at work on it";

    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public static TheoryData<string> Pages => [.. CmdletPage.All.Select(p => p.Cmdlet)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Every_example_of_the_page_does_what_it_says_without_an_error(string cmdlet)
    {
        var examples = CmdletPage.All.Single(p => p.Cmdlet == cmdlet).Parts("EXAMPLES").Values.Select(static (e, i) => (Number: i + 1, Code: CmdletPage.Code(e, "powershell")))
            .Where(e => !NotRun.ContainsKey((cmdlet, e.Number))).ToList();
        Assert.SkipWhen(examples.Count == 0, $"Needs {NotRun.GetValueOrDefault((cmdlet, 1))}");
        var world = await ExampleWorld.MakeAsync(lab, cmdlet.ToLowerInvariant(), _folder.Path, hasBackup: !examples.Exists(static e => e.Code.Contains("zfs create", StringComparison.Ordinal)));
        var script = new ExampleScript(lab, _folder.Path);
        foreach (var (number, code) in examples)
        {
            script.Prepare($"$null = Connect-VpsAdmin {lab.Uri} $credential");
            script.Add($"Example {number}", $$"""
                & {
                {{world.Adapt(code)}}
                } | Out-Default
                """);
            script.Prepare(world.Reset);
        }
        Assert.Equal((0, ""), await script.RunAsync(Cancel));
    }

    [Fact]
    public void What_is_not_run_is_still_there() => Assert.All(NotRun.Keys, static e => Assert.True(CmdletPage.All.Single(p => p.Cmdlet == e.Cmdlet).Parts("EXAMPLES").Count >= e.Number));

    public void Dispose() => _folder.Dispose();
}
