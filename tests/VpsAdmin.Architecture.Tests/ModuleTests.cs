using System.Reflection;
using System.Text.RegularExpressions;

namespace VpsAdmin.Architecture.Tests;

/// <summary>The module's manifest, its cmdlets and its errors.</summary>
public sealed partial class ModuleTests
{
    private static IEnumerable<Type> Cmdlets => Rooms.PS.GetTypes().Where(t => CmdletAttribute(t) is not null);

    [Fact]
    public void The_manifest_exports_the_cmdlets_and_nothing_else()
    {
        var manifest = File.ReadAllText(Path.Combine(Rooms.Root, "VpsAdmin.psd1"));
        var exported = Quoted().Matches(CmdletsToExport().Match(manifest).Groups[1].Value).Select(m => m.Groups[1].Value);
        Assert.Equal(Cmdlets.Select(Name).Order(StringComparer.Ordinal), exported.Order(StringComparer.Ordinal));
        foreach (var other in (string[])["Functions", "Variables", "Aliases"])
            Assert.Matches($@"{other}ToExport\s*=\s*@\(\)", manifest);
    }

    [Fact]
    public void Each_cmdlet_is_public_sealed_typed_and_in_a_file_of_its_own() => Assert.All(Cmdlets, cmdlet =>
    {
        Assert.True(cmdlet is { IsPublic: true, IsSealed: true });
        Assert.Equal(Name(cmdlet).Replace("-", "", StringComparison.Ordinal) + "Command", cmdlet.Name);
        Assert.True(File.Exists(Path.Combine(Rooms.Root, "src", "VpsAdmin.PS", "Commands", cmdlet.Name + ".cs")));
    });

    [Fact]
    public void What_changes_something_can_be_asked_what_it_would_do()
    {
        // Connecting changes nothing but this session, and looking and waiting nothing at all.
        var changing = Cmdlets.Where(c => !Name(c).StartsWith("Get-", StringComparison.Ordinal) && !((string[])["Test-", "Wait-", "Connect-VpsAdmin"]).Any(p => Name(c).StartsWith(p, StringComparison.Ordinal)));
        Assert.All(changing, c => Assert.Contains(CmdletAttribute(c)!.NamedArguments, a => a.MemberName == "SupportsShouldProcess" && a.TypedValue.Value is true));
    }

    [Fact]
    public void Every_error_has_an_id_of_its_own_and_advice()
    {
        var catalogue = Rooms.PS.GetType("VpsAdmin.PS.Errors", throwOnError: true)!;
        var kinds = catalogue.GetFields(BindingFlags.Public | BindingFlags.Static).Where(f => f.FieldType.Name == "ErrorKind").Select(f => (f.Name, Kind: f.GetValue(null)!)).ToList();
        Assert.NotEmpty(kinds);
        Assert.All(kinds, k => Assert.Equal(k.Name, Property(k.Kind, "Id")));
        Assert.All(kinds, k => Assert.NotEmpty(Property(k.Kind, "Advice")));
        Assert.Equal(kinds.Count, kinds.DistinctBy(k => Property(k.Kind, "Id")).Count());
    }

    private static string Property(object value, string name) => (string)value.GetType().GetProperty(name)!.GetValue(value)!;

    private static CustomAttributeData? CmdletAttribute(Type type) => type.GetCustomAttributesData().SingleOrDefault(a => a.AttributeType.Name == "CmdletAttribute");

    private static string Name(Type type) => string.Join('-', CmdletAttribute(type)!.ConstructorArguments.Select(a => a.Value));

    [GeneratedRegex(@"CmdletsToExport\s*=\s*@\(([^)]*)\)")]
    private static partial Regex CmdletsToExport();

    [GeneratedRegex("'([^']+)'")]
    private static partial Regex Quoted();
}
