using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Design;

namespace VpsAdmin.Server.Data;

/// <summary>For <c>dotnet ef</c>, which only needs to know the model.</summary>
internal sealed class DesignTimeDb : IDesignTimeDbContextFactory<VpsAdminDb>
{
    public VpsAdminDb CreateDbContext(string[] args) =>
        new(new DbContextOptionsBuilder<VpsAdminDb>().UseSqlite("Data Source=:memory:").Options);
}
