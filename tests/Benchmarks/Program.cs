using System.Globalization;
using VpsAdmin.Benchmarks;

// dotnet run -c Release --project tests/Benchmarks [-- MEBIBYTES [FOLDER]]
// Each scenario runs in a process of its own, so that its peak of memory is its own.
if (args is ["run", var name, var url, var sha256, var folder])
    return await Scenarios.RunAsync(name, new Source(new Uri(url), sha256), folder, CancellationToken.None);

if (args is ["nodes", var mebibytes, var pool])
    return await NodeStreams.RunAsync(long.Parse(mebibytes, CultureInfo.InvariantCulture) << 20, pool, CancellationToken.None);

var size = (args.Length > 0 ? long.Parse(args[0], CultureInfo.InvariantCulture) : 4096) << 20;
return await Comparison.RunAsync(size, args.Length > 1 ? args[1] : Path.GetTempPath(), CancellationToken.None);
