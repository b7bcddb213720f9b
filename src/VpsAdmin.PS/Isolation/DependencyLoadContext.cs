using System.Reflection;
using System.Runtime.Loader;

namespace VpsAdmin.PS.Isolation;

/// <summary>
/// Holds the libraries below the cmdlets and their packages, apart from the assemblies of the session and of other modules: a Polly.Core
/// that something else has loaded, older or newer, is neither seen nor disturbed.
/// </summary>
internal sealed class DependencyLoadContext(string folder) : AssemblyLoadContext("VpsAdmin")
{
    /// <summary>The one of this process: types of two copies of a library would not be the same types.</summary>
    public static DependencyLoadContext Instance { get; } =
        new(Path.Combine(Path.GetDirectoryName(typeof(DependencyLoadContext).Assembly.Location)!, "dependencies"));

    /// <returns>Null when the library is not one of ours; the default context then answers.</returns>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var path = Path.Combine(folder, assemblyName.Name + ".dll");
        return File.Exists(path) ? LoadFromAssemblyPath(path) : null;
    }

    /// <summary>Answers for the default context, which has the cmdlets but not what they refer to.</summary>
    public Assembly? Resolve(AssemblyName assemblyName) =>
        assemblyName.Name?.StartsWith("VpsAdmin.", StringComparison.Ordinal) == true ? Load(assemblyName) : null;
}
