using System.Management.Automation;
using System.Reflection;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>The pages of docs/cmdlets tell of the cmdlets as they are.</summary>
public sealed class CmdletPagesTests : IDisposable
{
    private readonly EngineSession _session = new();
    private readonly Dictionary<string, CmdletInfo> _cmdlets;
    private readonly ExampleCheck _check;

    public CmdletPagesTests()
    {
        _cmdlets = _session.Run("Get-Command -Module VpsAdmin").Output.Select(o => (CmdletInfo)o.BaseObject).ToDictionary(c => c.Name, StringComparer.OrdinalIgnoreCase);
        _check = new ExampleCheck(_session, _cmdlets);
    }

    [Fact]
    public void Every_exported_cmdlet_has_a_page_and_every_page_has_a_cmdlet() =>
        Assert.Equal(_cmdlets.Keys.Order(StringComparer.Ordinal), CmdletPage.All.Select(p => p.Cmdlet));

    [Fact]
    public void Every_page_has_the_metadata_and_the_sections_in_their_order() => Assert.All(CmdletPage.All, page =>
    {
        Assert.Equal(["SYNOPSIS", "SYNTAX", "ALIASES", "DESCRIPTION", "EXAMPLES", "PARAMETERS", "INPUTS", "OUTPUTS", "NOTES", "RELATED LINKS"], page.Sections);
        foreach (var line in (string[])["document type: cmdlet", "external help file: VpsAdmin.PS.dll-Help.xml", "Module Name: VpsAdmin", "PlatyPS schema version: 2024-05-01", $"title: {page}"])
            Assert.Contains(line, page.FrontMatter.Split('\n'));
    });

    [Fact]
    public void Every_parameter_set_has_its_syntax() => Assert.All(CmdletPage.All, page =>
        Assert.Equal(
            _cmdlets[page.Cmdlet].ParameterSets.Select(s => (Name: s.Name + (s.IsDefault ? " (Default)" : ""), Syntax: $"{page.Cmdlet} {s}")).Order(),
            page.Parts("SYNTAX").Select(s => (Name: s.Key, Syntax: CmdletPage.Code(s.Value, "").ReplaceLineEndings(""))).Order()));

    [Fact]
    public void Every_parameter_is_described_with_its_type_its_default_and_its_sets() => Assert.All(CmdletPage.All, page =>
    {
        var cmdlet = _cmdlets[page.Cmdlet];
        using var instance = (IDisposable)Activator.CreateInstance(cmdlet.ImplementingType)!;
        var expected = cmdlet.Parameters.Values.Where(p => !Cmdlet.CommonParameters.Contains(p.Name)).OrderBy(p => p.Name, StringComparer.Ordinal).ToList();
        var described = page.Parts("PARAMETERS");
        Assert.Equal([.. expected.Select(p => "-" + p.Name), "CommonParameters"], described.Keys);
        Assert.All(expected, p => Assert.Equal(ParameterBlock.Of(p, instance), CmdletPage.Code(described["-" + p.Name], "yaml")));
    });

    [Fact]
    public void Every_page_names_what_the_cmdlet_emits() => Assert.All(CmdletPage.All, page =>
        Assert.Equal(_cmdlets[page.Cmdlet].OutputType.Select(t => t.Name).DefaultIfEmpty("None"), page.Parts("OUTPUTS").Keys));

    [Fact]
    public void Every_page_names_what_the_cmdlet_takes_from_the_pipeline() => Assert.All(CmdletPage.All, page =>
    {
        var (named, taken) = (page.Parts("INPUTS").Keys.ToList(), new PipelineInputs(_cmdlets[page.Cmdlet]));
        Assert.Equal(taken.IsEmpty, named is ["None"]);
        Assert.Empty(taken.ByValue.Except(named));
        Assert.All(named.Except([.. taken.ByValue, "None"]), type => Assert.True(taken.TakesByName(type), $"{page}: {type}"));
    });

    [Fact]
    public void Every_example_is_PowerShell_that_the_cmdlets_understand() => Assert.All(CmdletPage.All, page =>
    {
        var examples = page.Parts("EXAMPLES");
        Assert.True(examples.Count >= 3, page.Cmdlet);
        Assert.All(examples.Values, example => Assert.Contains(page.Cmdlet, _check.CommandsOf(CmdletPage.Code(example, "powershell"))));
    });

    [Fact]
    public void Every_error_id_of_the_module_is_on_a_page_and_no_other()
    {
        var module = AppDomain.CurrentDomain.GetAssemblies().Single(a => a.GetName().Name == "VpsAdmin.PS");
        var known = module.GetType("VpsAdmin.PS.Errors", throwOnError: true)!.GetFields(BindingFlags.Public | BindingFlags.Static).Select(f => f.Name).ToHashSet();
        Assert.All(CmdletPage.All, page =>
        {
            Assert.NotEmpty(page.ErrorIds);
            Assert.Empty(page.ErrorIds.Except(known));
            Assert.Distinct(page.ErrorIds);
        });
        Assert.Empty(known.Except(CmdletPage.All.SelectMany(p => p.ErrorIds)));
    }

    [Fact]
    public void Every_related_page_is_there() => Assert.All(CmdletPage.All, page =>
    {
        Assert.NotEmpty(page.Links);
        Assert.Empty(page.Links.Except(CmdletPage.All.Select(p => p.Cmdlet)));
    });

    public void Dispose() => _session.Dispose();
}
