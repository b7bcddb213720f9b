using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace VpsAdmin.Server.Data.Postgres;

/// <summary>For <c>dotnet ef</c>, which only needs to know the model.</summary>
internal sealed class DesignTimePostgresDb : IDesignTimeDbContextFactory<PostgresDb>
{
    public PostgresDb CreateDbContext(string[] args) => new(new DbContextOptionsBuilder<PostgresDb>().UseNpgsql("Host=localhost").Options);
}
