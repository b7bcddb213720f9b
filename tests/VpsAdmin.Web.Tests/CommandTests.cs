using System.Management.Automation.Language;
using System.Reflection;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Resources;
using VpsAdmin.Server.Web.Drawing;

namespace VpsAdmin.Web.Tests;

/// <summary>Commands to paste are what PowerShell reads, of cmdlets and parameters that there are.</summary>
public sealed class CommandTests
{
    private static readonly string Pages = Path.Combine(
        typeof(CommandTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "RepoRoot").Value!, "docs", "cmdlets");

    public static TheoryData<string> Commands =>
    [
        ReadyCommands.Connect("https://vpsadmin.example.org"),
        .. ((string[])["archive", "stream", "incremental_stream"]).SelectMany(static format => ReadyCommands.OfDownload(
            format, 7, "101/var", 5, format == "incremental_stream" ? 4 : null, "https://vpsadmin.example.org/download/x", "101__2026-11-01T10-00-00.dat.gz")).Select(static c => c.Text),
        .. Calls("dataset#index", "dataset.snapshot#show", "dataset.snapshot#rollback", "migration_plan.vps_migration#create"),
    ];

    [Theory]
    [MemberData(nameof(Commands))]
    public void A_command_can_be_pasted(string text)
    {
        var script = Parser.ParseInput(text, out _, out var errors);
        Assert.Empty(errors.Select(static e => e.Message));
        var commands = script.FindAll(static ast => ast is CommandAst, searchNestedScriptBlocks: true).Cast<CommandAst>().ToList();
        Assert.NotEmpty(commands);
        foreach (var command in commands.Where(static c => c.GetCommandName().Contains("-Vps", StringComparison.Ordinal)))
        {
            var page = File.ReadAllText(Path.Combine(Pages, command.GetCommandName() + ".md"));
            Assert.All(command.CommandElements.OfType<CommandParameterAst>(), p => Assert.Contains($"### -{p.ParameterName}\n", page, StringComparison.Ordinal));
        }
    }

    /// <summary>Two numbers are two of one parameter.</summary>
    [Fact]
    public void The_path_of_an_action_is_one_argument() =>
        Assert.Equal("Invoke-VpsAdminAction dataset.snapshot show -Id DATASET_ID,SNAPSHOT_ID", Assert.Single(Calls("dataset.snapshot#show")));

    private static IEnumerable<string> Calls(params string[] scopes)
    {
        var api = new RouteTable("/v7.0", AllResources.List);
        return scopes.Select(scope =>
        {
            var route = api.Find(scope.Split('#')[0].Split('.'), scope.Split('#')[1])!;
            return ReadyCommands.Call(scope, route.Placeholders, route.Action.Inputs.Where(static i => i.Required).Select(static i => i.Name)).Text;
        });
    }
}
