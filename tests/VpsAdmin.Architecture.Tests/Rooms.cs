using System.Reflection;
using NetArchTest.Rules;

namespace VpsAdmin.Architecture.Tests;

/// <summary>The assemblies of the house and where its sources are.</summary>
internal static class Rooms
{
    public static readonly Assembly Zfs = typeof(VpsAdmin.Zfs.ZfsHost).Assembly;
    public static readonly Assembly HaveApi = typeof(VpsAdmin.HaveApi.HaveApiClient).Assembly;
    public static readonly Assembly Client = typeof(VpsAdmin.Client.VpsAdminClient).Assembly;
    public static readonly Assembly Transfer = typeof(VpsAdmin.Transfer.SnapshotTransfer).Assembly;
    public static readonly Assembly Backup = typeof(VpsAdmin.Backup.BackupRunner).Assembly;
    public static readonly Assembly Node = typeof(VpsAdmin.Node.INodeBus).Assembly;
    public static readonly Assembly Nats = typeof(VpsAdmin.Nats.NatsBus).Assembly;
    public static readonly Assembly NodeWeb = typeof(VpsAdmin.NodeWeb.DownloadEndpoint).Assembly;
    public static readonly Assembly NodeHost = Assembly.Load("vpsadmin-node");
    public static readonly Assembly Server = Assembly.Load("vpsadmin-server");
    public static readonly Assembly PS = typeof(VpsAdmin.PS.VpsCmdlet).Assembly;

    public static readonly IReadOnlyList<Assembly> All = [Zfs, HaveApi, Client, Transfer, Backup, Node, Nats, NodeWeb, NodeHost, Server, PS];

    public static string Root { get; } =
        typeof(Rooms).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "RepoRoot").Value!;

    /// <summary>The product's sources, by their path in the repository.</summary>
    public static IEnumerable<(string Path, string Text)> Sources() =>
        Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories)
            .Select(f => (Path: Path.GetRelativePath(Root, f).Replace('\\', '/'), File: f))
            .Where(f => !f.Path.Split('/').Any(p => p is "bin" or "obj"))
            .Select(f => (f.Path, File.ReadAllText(f.File)));

    /// <summary>Names of the types that use something in these namespaces or assemblies.</summary>
    public static IEnumerable<string> TypesUsing(Assembly room, params string[] dependencies) =>
        Types.InAssembly(room).That().HaveDependencyOnAny(dependencies).GetTypes().Select(t => t.FullName!);
}
