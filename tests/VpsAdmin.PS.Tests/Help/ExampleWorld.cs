using System.Globalization;
using System.Management.Automation;
using System.Text.RegularExpressions;
using VpsAdmin.Lab;
using VpsAdmin.PS.Tests.EndToEnd;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Help;

/// <summary>
/// What the examples speak of, for one page: VPS 101 with its datasets and snapshots, and a pool "tank" or "backup", with what has been put there. It has other
/// numbers and names here; <see cref="Adapt"/> writes them into an example.
/// </summary>
internal sealed partial class ExampleWorld : IAsyncDisposable
{
    /// <summary>Where Unicode has characters that are nobody's.</summary>
    private const char PrivateUse = '\uE000';

    private readonly ExampleGround _ground;
    private readonly string _folder;
    private readonly PSObject _things;

    private ExampleWorld(ExampleGround ground, string folder, PSObject things) => (_ground, _folder, _things) = (ground, folder, things);

    /// <param name="page">A name of its own on the pool.</param>
    /// <param name="folder">Where the examples run, and what their absolute paths are below.</param>
    /// <param name="hasSystems">VPSes 101 and 102 run, and have no datasets below their roots.</param>
    public static async Task<ExampleWorld> MakeAsync(ExampleGround ground, string page, string folder, bool hasSystems = false)
    {
        var pools = $"{ground.Tank}/{page}";
        foreach (var pool in (string[])["tank", "backup"])
            EndToEnd.Zfs.Run("create", "-p", $"{pools}/{pool}");
        var token = await ground.Server.TokenAsync();
        // Folders that every machine has.
        foreach (var sub in (string[])["srv", "etc", "var/lib", "tmp"])
            Directory.CreateDirectory(Path.Combine(folder, sub));
        using var session = ground.Server.Connect();
        var made = session.Run("""
            param($Node, $Template)
            $system = if ($Template) { @{ Template = $Template } } else { @{} }
            $vps = New-Vps -Hostname web1 @system
            $other = New-Vps -Hostname web2 @system
            $root = Get-VpsDataset -Vps $vps.Id
            $mountpoint = "$(zfs get -H -o value mountpoint "$Node/$($root.Name)")"
            $null = [IO.Directory]::CreateDirectory("$mountpoint/etc/nginx")
            [IO.File]::WriteAllText("$mountpoint/etc/nginx/nginx.conf", 'user www-data;')
            # A system has folders of its own where the datasets would be.
            $data, $www = $other, $root
            if (-not $Template) {
                $data = New-VpsDataset -Name data -Parent $vps
                $www = New-VpsDataset -Name www -Parent (New-VpsDataset -Name var -Parent $vps)
                $page = [byte[]]::new(256KB)
                [Random]::Shared.NextBytes($page)
                [IO.File]::WriteAllBytes("$mountpoint/var/www/page", $page)
            }
            $null = New-VpsSnapshot $root
            $last = New-VpsSnapshot $root
            $snapshots = foreach ($label in 'one', 'two', 'three') { New-VpsSnapshot $www -Label $label }
            $download = New-VpsSnapshotDownload -Id (New-VpsSnapshot $data).Id
            $nodes = @(Invoke-VpsAdminAction node index)
            [pscustomobject]@{
                Vps = $vps.Id; Other = $other.Id; Root = $root.Id; Www = $www.Id; Last = $last.Name; Snapshots = $snapshots.Id
                Download = $download.Id; Chain = @(Get-VpsTransactionChain)[0].Id; Node = $nodes[0].id; OtherNode = $nodes[-1].id
            }
            """, ("Node", ground.Node), ("Template", hasSystems ? "busybox" : ""));
        Assert.Empty(made.Errors.Select(e => e.ToString()));
        return new(ground, folder, made.Single) { Pools = pools, Token = token };
    }

    public ValueTask DisposeAsync() => new(LabPool.RemoveAsync(Pools));

    /// <summary>Filesystem of those that stand for pools.</summary>
    private string Pools { get; init; } = "";

    public string Tank => Pools + "/tank";

    private string Backup => Pools + "/backup";

    /// <summary>Of the administrator.</summary>
    public required string Token { get; init; }

    /// <summary>Nothing is left of earlier worlds that would be in a list of all. For a server that nobody else works with.</summary>
    public const string Clear = """
        Get-VpsTransactionChain -State queued | Wait-VpsTransactionChain -ErrorAction Ignore
        Get-VpsSnapshotDownload | Remove-VpsSnapshotDownload -Confirm:$false
        Get-Vps | Remove-Vps -Now -Confirm:$false
        """;

    /// <summary>A snapshot has one export at a time: no example finds that of another. The example may have deleted the dataset, or be connected elsewhere.</summary>
    public string Reset => $"Get-VpsSnapshot -Dataset {Of("Www")} -ErrorAction Ignore | Get-VpsSnapshotDownload | Remove-VpsSnapshotDownload -ErrorAction Ignore";

    /// <summary>What settings of examples use.</summary>
    public string Functions => $$"""
        function Wait-Chain { $null = Get-VpsTransactionChain -State queued | Wait-VpsTransactionChain }
        function Wait-Plan { while (Get-VpsMigrationPlan | Where-Object State -In 'running', 'cancelling', 'failing') { Wait-Chain } }
        function New-Plan([long[]] $Vps) {
            $plan = Invoke-VpsAdminAction migration_plan create -Parameters @{ concurrency = 1 }
            foreach ($id in $Vps) { $null = Invoke-VpsAdminAction migration_plan.vps_migration create -Id $plan.id -Parameters @{ vps = $id; dst_node = {{Of("OtherNode")}} } }
            $plan.id
        }
        function Suspend-Save([long] $Id, [string] $File) {
            $start = [Diagnostics.ProcessStartInfo]::new('vpsadmin', [string[]]('-Command', "Save-VpsSnapshot -Id $Id -Path $File -MaxRate 4KB -Connection work"))
            $start.RedirectStandardOutput = $start.RedirectStandardError = $true
            $process = [Diagnostics.Process]::Start($start)
            while (-not [IO.File]::Exists("$File.part.json")) {
                if ($process.WaitForExit(50)) { throw $process.StandardError.ReadToEnd() }
            }
            $process.Kill()
            $process.WaitForExit()
        }
        """;

    /// <summary>Puts something where the examples run.</summary>
    public void Place(params IEnumerable<ExampleThing> things)
    {
        foreach (var thing in things)
            Place(thing);
    }

    private void Place(ExampleThing thing)
    {
        switch (thing)
        {
            case ExampleThing.Token:
                WriteToken();
                break;
            case ExampleThing.EmptyBackup:
                MakeFilesystem(Backup + "/vps101");
                break;
            case ExampleThing.Backup:
                MakeFilesystem(Backup + "/vps101");
                BackUp(Backup + "/vps101");
                break;
            case ExampleThing.WebBackup:
                MakeFilesystem(Tank + "/backup/web");
                BackUp(Tank + "/backup/web");
                break;
            case ExampleThing.Filesystems:
                EndToEnd.Zfs.Run("create", Tank + "/vps");
                MakeFilesystem(Tank + "/restored");
                MakeFilesystem(Backup + "/web1");
                break;
            case ExampleThing.Archives:
                Directory.CreateDirectory(Path.Combine(_folder, "archives"));
                break;
            case ExampleThing.Streams:
                Directory.CreateDirectory(Path.Combine(_folder, "streams"));
                break;
            case ExampleThing.StreamStore:
                Directory.CreateDirectory(Path.Combine(_folder, "srv/streams"));
                break;
            case ExampleThing.Disk:
                Directory.CreateDirectory(Path.Combine(_folder, "media/usb"));
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(thing), thing, null);
        }
    }

    private void WriteToken()
    {
        var file = Path.Combine(_folder, "etc/vpsadmin/token");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, Token);
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    /// <summary>Backups are not mounted.</summary>
    private static void MakeFilesystem(string name) => EndToEnd.Zfs.Run("create", "-p", "-o", "mountpoint=none", name);

    private void BackUp(string name)
    {
        using var session = _ground.Server.Connect();
        var made = session.Run("param($Dataset, $Filesystem) Backup-VpsDataset -Dataset $Dataset -Filesystem $Filesystem", ("Dataset", _things.Get<long>("Root")), ("Filesystem", name));
        Assert.Empty(made.Errors.Select(static e => e.ToString()));
    }

    public string Adapt(string example)
    {
        var snapshots = LanguagePrimitives.ConvertTo<long[]>(_things.Properties["Snapshots"].Value);
        (Regex Pattern, string Here)[] names =
        [
            (Servers(), _ground.Server.Uri),
            (Users(), "-Credential $credential"),
            // As root there is nothing to ask sudo for.
            (Sudo(), ""),
            (Programs(), _folder + "/bin"),
            (Paths(), _folder + "/$1/"),
            (DatasetNumber(), $"-Dataset {Of("Root")}"),
            (ActionOnDataset(), $"$1 {Of("Www")}"),
            (FirstNode(), $"-Node {Of("Node")}"), (SecondNode(), $"$1$2 {Of("OtherNode")}"),
            (PlanNumber(), "$$plan5"), (Number("103"), "$$vps103"), (Number("104"), "$$vps104"),
            (Number("101"), Of("Vps")), (Number("102"), Of("Other")),
            (Number("4242"), Text(snapshots[0])), (Number("4243"), Text(snapshots[1])), (Number("4250"), Text(snapshots[2])),
            (DownloadNumber(), $"-Id {Of("Download")}"),
            (Number("900"), Of("Chain")),
            (new Regex("2026-11-20T01:00:04"), Of("Last")),
            (new Regex(@"2026-11-\*"), Of("Last")[..7] + "-*"),
            // The world is not as old as the examples.
            (new Regex("2026-11-20 12:00"), "2099-01-01 12:00"),
            (TankPool(), $"{Tank}$1"), (BackupPool(), Backup),
            (new Regex("(?<= )tank-backup-web"), $"{Tank.Replace('/', '-')}-backup-web"),
            // Others may listen there.
            (new Regex("127.0.0.1:4567"), "127.0.0.1:0"),
        ];
        return Shown(names.Aggregate(example, static (text, name) => name.Pattern.Replace(text, match => Hidden(match.Result(name.Here)))));
    }

    /// <summary>Out of the way of the patterns that come later: a number that is put in may be one that is looked for.</summary>
    private static string Hidden(string text) => string.Concat(text.Select(static c => (char)(c + PrivateUse)));

    private static string Shown(string text) => string.Concat(text.Select(static c => c >= PrivateUse ? (char)(c - PrivateUse) : c));

    private string Of(string thing) => _things.Get<string>(thing);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static Regex Number(string number) => new($@"(?<![\w.\-]){number}(?![\w.])");

    [GeneratedRegex(@"https://api\.(example\.(org|net)|vpsfree\.cz)")]
    private static partial Regex Servers();

    [GeneratedRegex(@"-Credential (joe|admin|\(Get-Credential\))")]
    private static partial Regex Users();

    [GeneratedRegex(" -Sudo")]
    private static partial Regex Sudo();

    [GeneratedRegex(@"(?<=PATH=)/usr/local/bin")]
    private static partial Regex Programs();

    [GeneratedRegex(@"(?<=[ '=""])/(srv|var/lib|tmp|etc/vpsadmin|media/usb)(?:/|(?= |$))", RegexOptions.Multiline)]
    private static partial Regex Paths();

    [GeneratedRegex(@"-Dataset 101\b(?!/)")]
    private static partial Regex DatasetNumber();

    [GeneratedRegex(@"(-Action \w+ -Id|dataset\.snapshot index) 12\b")]
    private static partial Regex ActionOnDataset();

    [GeneratedRegex(@"-Node 1\b")]
    private static partial Regex FirstNode();

    [GeneratedRegex(@"(?:(-Node) 2|(-DestinationNode) 12)\b")]
    private static partial Regex SecondNode();

    [GeneratedRegex(@"(?<=MigrationPlan |-Plan )5\b")]
    private static partial Regex PlanNumber();

    [GeneratedRegex(@"-Id 7\b")]
    private static partial Regex DownloadNumber();

    [GeneratedRegex(@"(?<![\w/])tank(/|(?= ))")]
    private static partial Regex TankPool();

    [GeneratedRegex(@"(?<![\w/])backup(?=/vps|/web1|/restored| -Recurse)")]
    private static partial Regex BackupPool();
}
