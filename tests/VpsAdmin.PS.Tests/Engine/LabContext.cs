using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;

namespace VpsAdmin.PS.Tests.Engine;

/// <summary>Keeps the lab's copy of VpsAdmin.Zfs away from the module's: with one in the default context the module would take that.</summary>
internal sealed class LabContext() : AssemblyLoadContext("Lab")
{
    private const string Lab = "VpsAdmin.Lab";
    private static readonly LabContext Instance = new();

    [ModuleInitializer]
    internal static void Register() =>
        Default.Resolving += (_, name) => name.Name == Lab ? Instance.LoadFromAssemblyName(name) : null;

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(AppContext.BaseDirectory, "lab", assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }
}
