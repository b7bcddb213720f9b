using System.Reflection;
using System.Runtime.Loader;
using VpsAdmin.PS.Tests.Engine;
using VpsAdmin.PS.Tests.Help;

namespace VpsAdmin.PS.Tests;

public sealed class ImportTests
{
    [Fact]
    public void The_built_module_imports_into_the_bare_engine_and_exports_its_cmdlets()
    {
        using var session = new EngineSession();
        var module = session.Run("Get-Module VpsAdmin").Single;
        Assert.Equal("VpsAdmin", module.Get<string>("Name"));
        Assert.Equal(CmdletPage.All.Select(p => p.Cmdlet), session.Run("Get-Command -Module VpsAdmin").Output.Select(c => c.Get<string>("Name")).Order(StringComparer.Ordinal));
        Assert.Empty(session.Run("Get-Command -Module VpsAdmin -Syntax").Errors);
    }

    [Fact]
    public void The_libraries_are_in_a_context_of_their_own()
    {
        using var session = new EngineSession();
        session.Run("Get-Command -Module VpsAdmin -Syntax");
        Assert.Contains(ModuleContext.Assemblies, a => a.GetName().Name == "VpsAdmin.HaveApi");
        Assert.DoesNotContain(AssemblyLoadContext.Default.Assemblies, a => a.GetName().Name is "VpsAdmin.HaveApi" or "VpsAdmin.Client" or "VpsAdmin.Zfs");
    }

    [Fact]
    public void An_older_package_that_the_session_has_loaded_is_not_what_the_module_gets()
    {
        var older = AssemblyLoadContext.Default.LoadFromAssemblyPath(
            typeof(ImportTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "OlderPolly").Value!);
        using var session = new EngineSession();
        session.Run("Get-Command -Module VpsAdmin -Syntax");
        var transfer = ModuleContext.LoadFromAssemblyName(new AssemblyName("VpsAdmin.Transfer"));
        var own = ModuleContext.LoadFromAssemblyName(transfer.GetReferencedAssemblies().Single(a => a.Name == older.GetName().Name));
        Assert.NotSame(older, own);
        Assert.NotEqual(FileVersion(older), FileVersion(own));
        Assert.Same(ModuleContext, AssemblyLoadContext.GetLoadContext(own));
    }

    [Fact]
    public void Removed_and_imported_again_it_works()
    {
        using var session = new EngineSession();
        session.Run("Remove-Module VpsAdmin");
        Assert.Empty(session.Run("Get-Command -Module VpsAdmin").Output);
        Assert.Empty(session.Run("param($Path) Import-Module $Path; Get-Command -Module VpsAdmin -Syntax", ("Path", Repository.Manifest)).Errors);
        Assert.Equal("NotConnected", session.Terminating("Get-Vps").Id());
    }

    private static AssemblyLoadContext ModuleContext => AssemblyLoadContext.All.Single(c => c.Name == "VpsAdmin");

    private static string FileVersion(Assembly assembly) => assembly.GetCustomAttribute<AssemblyFileVersionAttribute>()!.Version;
}
