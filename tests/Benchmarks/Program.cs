using System.Globalization;
using VpsAdmin.Benchmarks;

// See README.md. What is measured runs in processes of its own: this program again, as "run SCENARIO …".
var cancel = CancellationToken.None;
if (args is ["run", Streams.ExportOnNode, var exported])
{
    await Streams.ExportAsync(exported, cancel);
    return 0;
}
if (args is ["run", var scenario, var url, var sha256, var bytes, var target])
    return await Scenarios.RunAsync(scenario, new Source(new Uri(url), sha256, long.Parse(bytes, CultureInfo.InvariantCulture)), target, cancel);
if (args is ["import", var manifest, var command])
    return ModuleImport.Run(manifest, command);

var rounds = int.Parse(Environment.GetEnvironmentVariable("ROUNDS") ?? "5", CultureInfo.InvariantCulture);
var folder = Directory.CreateTempSubdirectory("vpsadmin-benchmarks-").FullName;
try
{
    Console.WriteLine($"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, .NET {Environment.Version}, load {(await File.ReadAllTextAsync("/proc/loadavg", cancel)).Split(' ')[0]}\n");
    if (args is ["all"] or ["all", _])
    {
        foreach (var one in Everything(args.ElementAtOrDefault(1)))
        {
            Console.WriteLine($"# {string.Join(' ', one)}\n");
            await MeasureAsync(one);
        }
    }
    else if (!await MeasureAsync(args))
    {
        Console.Error.WriteLine("Usage: [downloads [MEBIBYTES] | streams MEBIBYTES POOL-FILESYSTEM | nodes MEBIBYTES POOL-FILESYSTEM | backups SNAPSHOTS POOL-FILESYSTEM | plans | module | all [POOL-FILESYSTEM]]");
        return 2;
    }
    return 0;
}
finally
{
    Directory.Delete(folder, recursive: true);
}

// False: there is no such measurement.
async Task<bool> MeasureAsync(string[] words)
{
    switch (words)
    {
        case [] or ["downloads"] or ["downloads", _]:
            await Downloads.RunAsync(Size(words.ElementAtOrDefault(1) ?? "4096"), rounds, folder, cancel);
            return true;
        case ["streams", var mebibytes, var pool]:
            await Streams.RunAsync(Size(mebibytes), rounds, pool, folder, cancel);
            return true;
        case ["nodes", var mebibytes, var pool]:
            await NodeStreams.RunAsync(Size(mebibytes), pool, cancel);
            return true;
        case ["backups", var count, var pool]:
            await IdleBackups.RunAsync(int.Parse(count, CultureInfo.InvariantCulture), rounds, pool, cancel);
            return true;
        case ["plans"]:
            Planning.Run(rounds);
            return true;
        case ["module"]:
            await ModuleImport.CompareAsync(rounds, cancel);
            return true;
        default:
            return false;
    }
}

// With a pool also what needs one.
static IEnumerable<string[]> Everything(string? pool) =>
[
    ["downloads", "4096"], ["plans"], ["module"],
    .. pool is null ? [] : new string[][] { ["streams", "1024", pool], ["nodes", "1024", pool], ["backups", "2000", pool], ["backups", "20000", pool] },
];

static long Size(string mebibytes) => long.Parse(mebibytes, CultureInfo.InvariantCulture) << 20;
