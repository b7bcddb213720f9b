using System.CommandLine;
using System.Globalization;
using Npgsql;
using VpsAdmin.Load.Results;

namespace VpsAdmin.Load.Clients;

/// <summary>How many samples of VPSes are written down in a second, and how old the newest of a VPS is: looked up in the database, without a client.</summary>
internal static class SamplesCommand
{
    public static Command Create()
    {
        var database = new Option<string>("--database") { Description = "Connection to the server's database", Required = true };
        var seconds = new Option<double>("--seconds") { Description = "How long it is measured", DefaultValueFactory = static _ => 60 };
        var (watched, target) = (new WatchedProcesses(), new ResultTarget());
        var command = new Command("samples", "Counts the samples of VPSes that the server writes down, and their age.") { database, seconds };
        watched.AddTo(command);
        target.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var source = NpgsqlDataSource.Create(parsed.GetRequiredValue(database));
            await using (source)
                await MeasureAsync(source, TimeSpan.FromSeconds(parsed.GetValue(seconds)), watched.Read(parsed), target.Read(parsed), cancel);
        });
        return command;
    }

    private static async Task MeasureAsync(NpgsqlDataSource source, TimeSpan duration, CpuWatch watch, ResultFile results, CancellationToken cancel)
    {
        var table = results.Table("Samples of VPSes", "The server asks every node every 5 s what its VPSes are doing, and writes it down. Seconds since a VPS was looked at last: the middle one, the 99th of a hundred, the oldest");
        watch.Begin();
        var (start, before) = (TimeProvider.System.GetTimestamp(), await WrittenAsync(source, cancel));
        var ages = new Latencies();
        while (TimeProvider.System.GetElapsedTime(start) < duration)
        {
            await Task.Delay(TimeSpan.FromSeconds(5), cancel);
            await AgesAsync(source, ages, cancel);
        }
        var written = await WrittenAsync(source, cancel) - before;
        table.Add("samples written, a second", written / TimeProvider.System.GetElapsedTime(start).TotalSeconds);
        table.Add("age of what is known", ages.Seconds);
        watch.AddTo(table, (int)written, "sample");
    }

    /// <summary>PostgreSQL counts rows that are changed; chains change VPSes too, but none runs here.</summary>
    private static async Task<long> WrittenAsync(NpgsqlDataSource source, CancellationToken cancel)
    {
        var command = source.CreateCommand("""SELECT n_tup_upd FROM pg_stat_user_tables WHERE relname = 'Vpses'""");
        await using (command)
            return Convert.ToInt64(await command.ExecuteScalarAsync(cancel), CultureInfo.InvariantCulture);
    }

    private static async Task AgesAsync(NpgsqlDataSource source, Latencies ages, CancellationToken cancel)
    {
        var command = source.CreateCommand("""SELECT clock_timestamp() - "StatusTime" FROM "Vpses" WHERE "StatusTime" IS NOT NULL""");
        await using var _ = command;
        var reader = await command.ExecuteReaderAsync(cancel);
        await using (reader)
        {
            while (await reader.ReadAsync(cancel))
                ages.Add(reader.GetTimeSpan(0));
        }
    }
}
