using System.CommandLine;
using System.Globalization;
using Npgsql;
using VpsAdmin.Load.Results;

namespace VpsAdmin.Load.Clients;

/// <summary>How long the chains of a plan of the server take: looked up in the database, without a client.</summary>
internal static class PlanCommand
{
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    /// <summary>Without a chain more that was built, or ended.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static Command Create()
    {
        var database = new Option<string>("--database") { Description = "Connection to the server's database", Required = true };
        var name = new Option<string>("--name") { Description = "Of the plan's chains", Required = true };
        var first = new Option<long>("--first") { Description = "Chains up to this one are of earlier", Required = true };
        var chains = new Option<int>("--chains") { Description = "How many there are to be", Required = true };
        var (watched, target) = (new WatchedProcesses(), new ResultTarget());
        var command = new Command("plan", "Waits until the chains of a plan that is to begin have ended, and tells how long it took.") { database, name, first, chains };
        watched.AddTo(command);
        target.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var source = NpgsqlDataSource.Create(parsed.GetRequiredValue(database));
            await using (source)
                await MeasureAsync(source, parsed.GetRequiredValue(name), parsed.GetValue(first), parsed.GetValue(chains), watched.Read(parsed), target.Read(parsed), cancel);
        });
        return command;
    }

    private static async Task MeasureAsync(NpgsqlDataSource source, string name, long first, int chains, CpuWatch watch, ResultFile results, CancellationToken cancel)
    {
        var table = results.Table($"Plan: {name}", "From the first chain that the plan builds");
        using var look = new PeriodicTimer(Look);
        var progress = await LookAsync(source, name, first, cancel);
        var (last, since) = (progress, TimeProvider.System.GetTimestamp());
        watch.Begin();
        while (progress.All < chains || progress.UnderWay > 0)
        {
            if (progress != last)
                (last, since) = (progress, TimeProvider.System.GetTimestamp());
            else if (TimeProvider.System.GetElapsedTime(since) > Patience)
                throw new TimeoutException($"Nothing has happened for {Patience.TotalMinutes} minutes: of {chains} chains of the plan {progress.All} are there, and {progress.UnderWay} under way.");
            await look.WaitForNextTickAsync(cancel);
            // Until it begins, it costs nothing.
            if (progress.All == 0)
                watch.Begin();
            progress = await LookAsync(source, name, first, cancel);
        }
        table.Add("chains", progress.All.ToString("#,##0", CultureInfo.InvariantCulture));
        table.Add("that did not end well", progress.Failed.ToString(CultureInfo.InvariantCulture));
        table.Add("until the last is built, s", progress.Built.TotalSeconds);
        table.Add("until the last has ended, s", progress.Ended.TotalSeconds);
        table.Add("chains that ended, a second", progress.All / progress.Ended.TotalSeconds);
        watch.AddTo(table, progress.All, "chain");
    }

    private sealed record Progress(int All, int UnderWay, int Failed, TimeSpan Built, TimeSpan Ended);

    private static async Task<Progress> LookAsync(NpgsqlDataSource source, string name, long first, CancellationToken cancel)
    {
        var command = source.CreateCommand("""
            SELECT count(*)::int, (count(*) FILTER (WHERE "State" IN (0, 1, 3)))::int, (count(*) FILTER (WHERE "State" IN (4, 5)))::int,
                coalesce(max("CreatedAt") - min("CreatedAt"), interval '0'), coalesce(max("UpdatedAt") - min("CreatedAt"), interval '0')
            FROM "TransactionChains" WHERE "Id" > @first AND "Name" = @name
            """);
        await using var _ = command;
        command.Parameters.AddWithValue("first", first);
        command.Parameters.AddWithValue("name", name);
        var reader = await command.ExecuteReaderAsync(cancel);
        await using var __ = reader;
        await reader.ReadAsync(cancel);
        return new(reader.GetInt32(0), reader.GetInt32(1), reader.GetInt32(2), reader.GetTimeSpan(3), reader.GetTimeSpan(4));
    }
}
