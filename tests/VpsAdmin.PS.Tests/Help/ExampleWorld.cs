using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>
/// What the examples speak of, for one page: VPS 101 with its datasets and snapshots, a pool "tank", a backup "tank/backup/web". It has other numbers
/// and names here; <see cref="Adapt"/> writes them into an example.
/// </summary>
internal sealed partial class ExampleWorld
{
    private readonly LabFixture _lab;
    private readonly string _folder;
    private readonly PSObject _things;

    private ExampleWorld(LabFixture lab, string folder, PSObject things) => (_lab, _folder, _things) = (lab, folder, things);

    /// <param name="page">Of the cmdlet: a name of its own on the pool.</param>
    /// <param name="hasBackup">Whether there is a filesystem backup/vps101 already.</param>
    /// <param name="folder">Where the examples run, and what their absolute paths are below.</param>
    public static async Task<ExampleWorld> MakeAsync(LabFixture lab, string page, string folder, bool hasBackup)
    {
        using var session = await lab.ConnectAsync();
        var tank = $"{lab.TargetPool}/{page}";
        EndToEnd.Zfs.Run("create", tank);
        EndToEnd.Zfs.Run("create", tank + "/vps");
        // Backups are not mounted.
        foreach (var filesystem in (string[])["/backup", .. hasBackup ? (string[])["/vps101"] : [], "/web1", "/restored", "/backup/web"])
            EndToEnd.Zfs.Run("create", "-o", "mountpoint=none", tank + filesystem);
        foreach (var sub in (string[])["archives", "streams", "srv/streams", "etc/vpsadmin", "var/lib", "tmp", "media/usb"])
            Directory.CreateDirectory(Path.Combine(folder, sub));
        var token = await lab.TokenAsync();
        await File.WriteAllTextAsync(Path.Combine(folder, "etc/vpsadmin/token"), token, TestContext.Current.CancellationToken);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(Path.Combine(folder, "etc/vpsadmin/token"), UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var made = session.Run("""
            param($Pool, $Web)
            $vps = New-Vps -Hostname web1
            $other = New-Vps -Hostname web2
            $root = Get-VpsDataset -Vps $vps.Id
            $nginx = [IO.Path]::Combine("$(zfs get -H -o value mountpoint "$Pool/$($root.Name)")", 'etc', 'nginx')
            $null = [IO.Directory]::CreateDirectory($nginx)
            [IO.File]::WriteAllText("$nginx/nginx.conf", 'user www-data;')
            $null = New-VpsDataset -Name data -Parent $vps
            $www = New-VpsDataset -Name www -Parent (New-VpsDataset -Name var -Parent $vps)
            $null = New-VpsSnapshot $root
            $last = New-VpsSnapshot $root
            $snapshots = foreach ($label in 'one', 'two', 'three') { New-VpsSnapshot $www -Label $label }
            $download = New-VpsSnapshotDownload -Id (New-VpsSnapshot $other).Id
            $null = Backup-VpsDataset -Dataset $root -Filesystem $Web
            [pscustomobject]@{
                Vps = $vps.Id; Other = $other.Id; Root = $root.Id; Www = $www.Id; Last = $last.Name; Snapshots = $snapshots.Id
                Download = $download.Id; Chain = @(Get-VpsTransactionChain)[0].Id
            }
            """, ("Pool", lab.SourcePool), ("Web", $"{tank}/backup/web"));
        Assert.Empty(made.Errors.Select(e => e.ToString()));
        return new(lab, folder, made.Single) { Tank = tank, Token = token };
    }

    public required string Tank { get; init; }

    /// <summary>Of the administrator, as it is in the file /etc/vpsadmin/token.</summary>
    public required string Token { get; init; }

    /// <summary>A snapshot has one export at a time: no example finds that of another. The example may have deleted the dataset, or be connected elsewhere.</summary>
    public string Reset => $"Get-VpsSnapshot -Dataset {Of("Www")} -ErrorAction Ignore | Get-VpsSnapshotDownload | Remove-VpsSnapshotDownload";

    public string Adapt(string example)
    {
        var snapshots = LanguagePrimitives.ConvertTo<long[]>(_things.Properties["Snapshots"].Value);
        (Regex Pattern, string Here)[] names =
        [
            (Servers(), _lab.Uri),
            (Users(), "-Credential $credential"),
            // As root there is nothing to ask sudo for.
            (Sudo(), ""),
            (Paths(), _folder + "/$1/"),
            (DatasetNumber(), $"-Dataset {Of("Root")}"),
            (ActionOnDataset(), $"$1 {Of("Www")}"),
            (Number("101"), Of("Vps")), (Number("102"), Of("Other")),
            (Number("4242"), Text(snapshots[0])), (Number("4243"), Text(snapshots[1])), (Number("4250"), Text(snapshots[2])),
            (DownloadNumber(), $"-Id {Of("Download")}"),
            (Number("900"), Of("Chain")),
            (new Regex("2026-11-20T01:00:04"), Of("Last")),
            (new Regex(@"2026-11-\*"), Of("Last")[..7] + "-*"),
            // The world is not as old as the examples.
            (new Regex("2026-11-20 12:00"), "2099-01-01 12:00"),
            (Pools(), $"{Tank}$1"),
            (new Regex("(?<= )tank-backup-web"), $"{Tank.Replace('/', '-')}-backup-web"),
        ];
        return names.Aggregate(example, static (text, name) => name.Pattern.Replace(text, name.Here));
    }

    private string Of(string thing) => _things.Get<string>(thing);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Regex Number(string number) => new($@"(?<![\w.\-]){number}(?![\w.])");

    [GeneratedRegex(@"https://api\.(example\.(org|net)|vpsfree\.cz)")]
    private static partial Regex Servers();

    [GeneratedRegex(@"-Credential (joe|admin|\(Get-Credential\))")]
    private static partial Regex Users();

    [GeneratedRegex(" -Sudo")]
    private static partial Regex Sudo();

    [GeneratedRegex(@"(?<=[ '=])/(srv|var/lib|tmp|etc/vpsadmin|media/usb)(?:/|(?= |$))", RegexOptions.Multiline)]
    private static partial Regex Paths();

    [GeneratedRegex(@"-Dataset 101\b(?!/)")]
    private static partial Regex DatasetNumber();

    [GeneratedRegex(@"(-Action \w+ -Id|dataset\.snapshot index) 12\b")]
    private static partial Regex ActionOnDataset();

    [GeneratedRegex(@"-Id 7\b")]
    private static partial Regex DownloadNumber();

    [GeneratedRegex(@"\b(?:tank|backup(?=/vps|/web1|/restored| -Recurse))(/|(?= ))")]
    private static partial Regex Pools();
}
