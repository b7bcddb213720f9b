using System.Management.Automation;
using System.Text.RegularExpressions;
using Markdig.Extensions.Tables;
using Markdig.Syntax;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>docs/guides/from-vpsadminctl.md has everything that vpsadminctl has, and beside it what our cmdlets have.</summary>
public sealed partial class MovingOverTests : IDisposable
{
    private static readonly MarkdownDocument Guide = ParsedDocument.Read(Path.Combine(Repository.Root, "docs", "guides", "from-vpsadminctl.md"));

    /// <summary>The cmdlets that a section's bare parameters are of.</summary>
    private static readonly Dictionary<string, string[]> Meant = new()
    {
        ["Commands"] = ["Invoke-VpsAdminAction"],
        ["General options"] = ["Connect-VpsAdmin", "New-VpsSnapshot"],
        ["snapshot download, snapshot send"] = ["Save-VpsSnapshot", "Send-VpsSnapshot"],
        ["backup dataset, backup vps"] = ["Backup-VpsDataset", "Backup-Vps"],
        ["vps migrate_many"] = ["Move-Vps"],
    };

    private readonly EngineSession _session = new();

    public static TheoryData<string> Sections => [.. Meant.Keys];

    /// <summary>What vpsadminctl takes: its own commands, the options of the client of HaveAPI, and those of each command.</summary>
    [Theory]
    [InlineData("Commands", "snapshot download", "snapshot send", "backup dataset", "backup vps", "vps migrate_many", "vps remote_console", "network top", "action_state wait", "RESOURCE ACTION")]
    [InlineData("General options", "-u", "--api", "-a", "--auth", "--user", "--username", "--password", "--token", "--token-lifetime", "--token-interval", "--new-token", "--token-via",
        "--list-versions", "--list-auth-methods", "--list-resources", "--list-actions", "--version", "--language", "-c", "--columns", "-H", "--no-header", "-L", "--list-parameters", "-o", "--output",
        "-r", "--rows", "-s", "--sort", "--save", "--raw", "--raw-values", "--timestamp", "--utc", "--localtime", "--date-format", "--block", "--no-block", "--timeout", "-v", "--verbose",
        "--client-version", "--protocol-version", "--check-compatibility", "--no-verify-ssl", "-h", "--help")]
    [InlineData("snapshot download, snapshot send", "-f", "--format", "-I", "--from-snapshot", "-d", "--no-delete-after", "-F", "--force", "-o", "--output", "-q", "--quiet", "-r", "--resume", "-s", "--send-mail",
        "-x", "--max-rate", "--no-checksum")]
    [InlineData("backup dataset, backup vps", "-p", "--pretend", "--no-rotate", "-m", "--min-snapshots", "-M", "--max-snapshots", "-a", "--max-age", "-x", "--max-rate", "-q", "--quiet", "-s", "--safe-download",
        "--retry-attempts", "--retry-attemps", "-i", "--init-snapshots", "--no-checksum", "-d", "--no-delete-after", "--no-snapshots-as-error", "--no-sudo")]
    [InlineData("vps migrate_many", "--migration-plan", "--dst-node", "--no-outage-window", "--no-cleanup-data", "--no-stop-on-error", "--concurrency", "--no-send-mail", "--reason")]
    public void Everything_that_vpsadminctl_has_is_in_the_guide(string section, params string[] theirs)
    {
        var spans = Guide.Rows(section).SelectMany(static r => r.Spans(0)).ToList();
        Assert.All(theirs, t => Assert.Contains(spans, s => s == t || s.StartsWith(t + " ", StringComparison.Ordinal)));
    }

    [Theory]
    [MemberData(nameof(Sections))]
    public void What_stands_beside_it_is_a_parameter_of_ours(string section)
    {
        var known = _session.Run("Get-Command -Module VpsAdmin").Output.Select(static o => (CmdletInfo)o.BaseObject).Where(c => Meant[section].Contains(c.Name)).SelectMany(static c => c.Parameters.Keys).ToHashSet();
        foreach (var row in Guide.Rows(section))
        {
            // Whole commands are bound by DocumentTests.
            Assert.Empty(row.Spans(1).SelectMany(static s => Parameter().Matches(s)).Select(static m => m.Groups[1].Value).Except(known));
            Assert.NotEmpty(row.Text(1));
        }
    }

    [Fact]
    public void No_table_is_left_out() => Assert.Equal(Meant.Keys, Guide.OfType<HeadingBlock>().Where(static h => Guide[Guide.IndexOf(h) + 1] is Table || Guide[Guide.IndexOf(h) + 2] is Table).Select(ParsedDocument.Title));

    public void Dispose() => _session.Dispose();

    /// <summary>At the beginning: what is inside of a command belongs to that.</summary>
    [GeneratedRegex(@"^-([A-Z]\w+)")]
    private static partial Regex Parameter();
}
