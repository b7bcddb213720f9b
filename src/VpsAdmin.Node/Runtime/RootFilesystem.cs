using System.Globalization;
using System.Text.RegularExpressions;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.Node.Runtime;

/// <summary>Makes a system in an empty root filesystem: LXC's own busybox, or one of the archives that the node has.</summary>
/// <param name="archives">Folder of them: <c>NAME.tar</c> or <c>NAME.tar.gz</c>.</param>
internal sealed partial class RootFilesystem(string archives)
{
    public const string Busybox = "busybox";

    private const string BusyboxTemplate = "/usr/share/lxc/templates/lxc-busybox";

    private static readonly string[] Extensions = [".tar", ".tar.gz"];

    /// <summary>Names of what there is to make a system of.</summary>
    public IReadOnlyList<string> Templates()
    {
        var files = Directory.Exists(archives) ? Directory.EnumerateFiles(archives).Select(static file => Path.GetFileName(file)) : [];
        var names = files.SelectMany(static file => Extensions.Where(file.EndsWith).Select(extension => file[..^extension.Length])).Where(static n => TemplateName().IsMatch(n));
        return [.. names.Concat(HasBusybox ? [Busybox] : []).Distinct().Order(StringComparer.Ordinal)];
    }

    /// <exception cref="TransactionException">There is no such template, or it is not one that is unpacked.</exception>
    public async Task FillAsync(string template, string root, CancellationToken cancel)
    {
        if (!TemplateName().IsMatch(template))
            throw new TransactionException($"'{template}' is not the name of a template.");
        if (Extensions.Select(extension => Path.Combine(archives, template + extension)).FirstOrDefault(File.Exists) is { } archive)
            await UnpackAsync(archive, root, cancel).ConfigureAwait(false);
        else if (template == Busybox && HasBusybox)
            await MakeBusyboxAsync(root, cancel).ConfigureAwait(false);
        else
            throw new TransactionException($"This node has no template '{template}'. It is looked for in {archives}, as {template}.tar or {template}.tar.gz.");
    }

    private static bool HasBusybox => File.Exists(BusyboxTemplate) && OwnedProcess.Locate(Busybox) is not null;

    private static async Task MakeBusyboxAsync(string root, CancellationToken cancel)
    {
        // The template writes a configuration too, which nobody needs.
        var scratch = Directory.CreateTempSubdirectory("vpsadmin-busybox-");
        try
        {
            await LxcProgram.RunAsync(BusyboxTemplate, ["--name=template", "--path=" + scratch.FullName, "--rootfs=" + root], cancel).ConfigureAwait(false);
        }
        finally
        {
            scratch.Delete(recursive: true);
        }
        await KeepAddressesAsync(Path.Combine(root, "etc/init.d/rcS"), cancel).ConfigureAwait(false);
        await GiveAsync(root, recurse: true, cancel).ConfigureAwait(false);
    }

    /// <summary>The template's DHCP client begins with taking the addresses away that the VPS was given: it is for a VPS that has none.</summary>
    private static async Task KeepAddressesAsync(string startup, CancellationToken cancel)
    {
        var text = await File.ReadAllTextAsync(startup, cancel).ConfigureAwait(false);
        await File.WriteAllTextAsync(startup, text.Replace("\n/bin/udhcpc\n", "\nip addr show dev eth0 | grep -q 'scope global' || /bin/udhcpc\n", StringComparison.Ordinal), cancel).ConfigureAwait(false);
    }

    /// <summary>
    /// tar runs as the VPS's own root, inside of the folder: whatever is in the archive, it can write nothing that is not the VPS's, and files get
    /// owners of the VPS's range.
    /// </summary>
    private static async Task UnpackAsync(string archive, string root, CancellationToken cancel)
    {
        await GiveAsync(root, recurse: false, cancel).ConfigureAwait(false);
        string[] arguments =
        [
            "-m", string.Create(CultureInfo.InvariantCulture, $"b:0:{IdMap.First}:{IdMap.Count}"), "--",
            OwnedProcess.Locate("tar") ?? throw new TransactionException("There is no tar on this node."), "--extract", "--file=-", "--preserve-permissions", "--same-owner", "--numeric-owner",
        ];
        var tar = LxcProgram.Start(new ProcessSpec("lxc-usernsexec", arguments, RedirectInput: true, Folder: root));
        await using var _ = tar.ConfigureAwait(false);
        try
        {
            await RootArchive.CopyAsync(archive, tar.StandardInput, cancel).ConfigureAwait(false);
            await tar.StandardInput.DisposeAsync().ConfigureAwait(false);
        }
        catch (IOException) when (!cancel.IsCancellationRequested)
        {
            // tar has gone; it tells why.
        }
        await LxcProgram.CheckAsync(tar, cancel).ConfigureAwait(false);
    }

    private static Task GiveAsync(string folder, bool recurse, CancellationToken cancel)
    {
        var owner = string.Create(CultureInfo.InvariantCulture, $"{IdMap.First}:{IdMap.First}");
        return LxcProgram.RunAsync("chown", [.. recurse ? (string[])["--recursive"] : [], "--no-dereference", owner, "--", folder], cancel);
    }

    [GeneratedRegex(@"\A[a-z0-9][a-z0-9._-]{0,63}\z")]
    private static partial Regex TemplateName();
}
