using System.Management.Automation;
using System.Reflection;
using System.Runtime.Loader;

namespace VpsAdmin.PS.Isolation;

/// <summary>Called by the engine at import and removal, before it looks at any cmdlet's parameters.</summary>
public sealed class ModuleLifetime : IModuleAssemblyInitializer, IModuleAssemblyCleanup
{
    private static readonly Lock Gate = new();
    private static int _imports;

    public void OnImport()
    {
        // Several runspaces of one process import the module, each on its own.
        lock (Gate)
            if (_imports++ == 0)
                AssemblyLoadContext.Default.Resolving += Resolve;
    }

    public void OnRemove(PSModuleInfo psModuleInfo)
    {
        lock (Gate)
            if (--_imports == 0)
                AssemblyLoadContext.Default.Resolving -= Resolve;
    }

    private static Assembly? Resolve(AssemblyLoadContext context, AssemblyName name) => DependencyLoadContext.Instance.Resolve(name);
}
