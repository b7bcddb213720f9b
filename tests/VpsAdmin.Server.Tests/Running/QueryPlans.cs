using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore.Diagnostics;
using Npgsql;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>How the database goes about the statements of a context (EXPLAIN), each asked for with its own parameters.</summary>
internal sealed class QueryPlans : DbCommandInterceptor
{
    private readonly List<string> _steps = [];

    /// <summary>Such as <c>SEARCH v USING INDEX IX_VpsStatuses_CreatedAt (CreatedAt&lt;?)</c>, in the words of the database.</summary>
    public IReadOnlyList<string> Steps => _steps;

    /// <summary>Steps that read a table or an index from its beginning to its end; of PostgreSQL those for which it has no index.</summary>
    public IEnumerable<string> Scans => _steps.Where(step => TestDatabase.IsPostgreSql
        ? step.Contains("Seq Scan", StringComparison.Ordinal)
        : step.StartsWith("SCAN ", StringComparison.Ordinal) && step != "SCAN CONSTANT ROW" && !IsPart(step));

    /// <summary>What is read is what another part of the same statement found, such as a page.</summary>
    private bool IsPart(string scan) => scan.Split(' ')[1] is var name && _steps.Exists(s => s == $"CO-ROUTINE {name}" || s == $"MATERIALIZE {name}");

    /// <summary>The same database, watched.</summary>
    public VpsAdminDb Watch(VpsAdminDb db) => TestDatabase.Watched(db, this);

    public void Forget() => _steps.Clear();

    public override ValueTask<InterceptionResult<DbDataReader>> ReaderExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<DbDataReader> result, CancellationToken cancellationToken = default)
    {
        Explain(command);
        return ValueTask.FromResult(result);
    }

    public override ValueTask<InterceptionResult<int>> NonQueryExecutingAsync(
        DbCommand command, CommandEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        Explain(command);
        return ValueTask.FromResult(result);
    }

    private void Explain(DbCommand command)
    {
        if (!TestDatabase.IsPostgreSql)
        {
            Read(command, "EXPLAIN QUERY PLAN ", column: 3, static p => new SqliteParameter(p.ParameterName, p.Value));
            return;
        }
        // Small tables are read from end to end even where there is an index. Without that choice it is made only where there is none.
        Execute(command, "SET enable_seqscan = off");
        Read(command, "EXPLAIN ", column: 0, static p => ((NpgsqlParameter)p).Clone());
        Execute(command, "RESET enable_seqscan");
    }

    private void Read(DbCommand command, string explain, int column, Func<DbParameter, DbParameter> copy)
    {
        using var asked = Beside(command, explain + command.CommandText);
        foreach (DbParameter parameter in command.Parameters)
            asked.Parameters.Add(copy(parameter));
        using var plan = asked.ExecuteReader();
        while (plan.Read())
            _steps.Add(plan.GetString(column));
    }

    private static void Execute(DbCommand command, string text)
    {
        using var set = Beside(command, text);
        set.ExecuteNonQuery();
    }

    private static DbCommand Beside(DbCommand command, string text)
    {
        var other = command.Connection!.CreateCommand();
        other.Transaction = command.Transaction;
        other.CommandText = text;
        return other;
    }
}
