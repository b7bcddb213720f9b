using System.Data.Common;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;
using VpsAdmin.Server.Data;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>How SQLite goes about the statements of a database context (EXPLAIN QUERY PLAN), each asked for with its own parameters.</summary>
internal sealed class QueryPlans : DbCommandInterceptor
{
    private readonly List<string> _steps = [];

    /// <summary>Such as <c>SEARCH v USING INDEX IX_VpsStatuses_CreatedAt (CreatedAt&lt;?)</c>.</summary>
    public IReadOnlyList<string> Steps => _steps;

    /// <summary>Steps that read a table or an index from its beginning to its end.</summary>
    public IEnumerable<string> Scans => _steps.Where(static step => step.StartsWith("SCAN ", StringComparison.Ordinal) && step != "SCAN CONSTANT ROW");

    /// <summary>The same database, watched. Skips the test where it is not SQLite's.</summary>
    public VpsAdminDb Watch(VpsAdminDb db)
    {
        Assert.SkipWhen(TestDatabase.IsPostgreSql, "The plans are SQLite's.");
        return new(new DbContextOptionsBuilder<VpsAdminDb>().UseSqlite(db.Database.GetConnectionString()).AddInterceptors(this).Options);
    }

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
        using var explain = command.Connection!.CreateCommand();
        explain.Transaction = command.Transaction;
        explain.CommandText = "EXPLAIN QUERY PLAN " + command.CommandText;
        foreach (DbParameter parameter in command.Parameters)
            explain.Parameters.Add(new SqliteParameter(parameter.ParameterName, parameter.Value));
        using var plan = explain.ExecuteReader();
        while (plan.Read())
            _steps.Add(plan.GetString(3));
    }
}
