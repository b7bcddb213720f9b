using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Tests.Hosting;

public sealed class DatabaseSettingsTests
{
    [Theory]
    [InlineData("mysql", null, "database:provider: 'mysql' is neither")]
    [InlineData("postgresql", null, "database:connection: it goes with database:provider")]
    [InlineData("sqlite", "Host=db", "database:connection: it goes with database:provider")]
    [InlineData("postgresql", "Host=db;Password=secret", "database:connection: the password is among the settings")]
    [InlineData("postgresql", "Hostess=db", "database:connection: 'Hostess=db' cannot be understood")]
    public void What_cannot_be_is_refused(string provider, string? connection, string words)
    {
        var refused = Assert.Throws<SetupException>(() => new DatabaseOptions(provider, connection).Check());
        Assert.StartsWith(words, refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_password_is_read_from_its_file()
    {
        var file = Path.GetTempFileName();
        // Its mode is 0600.
        File.WriteAllText(file, "s e;cret\n");
        var password = new DatabaseOptions("postgresql", "Host=db", file).ConnectionString().Password;
        File.Delete(file);
        Assert.Equal("s e;cret", password);
    }

    [Theory]
    [InlineData("Host=db", 40)]
    [InlineData("Host=db;Maximum Pool Size=90", 90)]
    [InlineData("Host=db;MaxPoolSize=100", 100)]
    public void A_server_leaves_connections_to_others_unless_it_is_told_how_many_it_may_have(string settings, int most) =>
        Assert.Equal(most, new DatabaseOptions("postgresql", settings).ConnectionString().MaxPoolSize);

    [Fact]
    public void A_password_that_everybody_may_read_is_refused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Files have no Unix modes here.");
        var file = Path.GetTempFileName();
        File.SetUnixFileMode(file, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        var refused = Assert.Throws<SetupException>(() => new DatabaseOptions("postgresql", "Host=db", file).ConnectionString());
        File.Delete(file);
        Assert.Contains($"chmod o= '{file}'", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_password_that_cannot_be_read_is_tried_again_by_whoever_has_results_to_save()
    {
        var missing = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        var refused = Assert.Throws<SetupException>(() => new DatabaseOptions("postgresql", "Host=db", missing).ConnectionString());
        Assert.StartsWith("database:passwordfile: ", refused.Message, StringComparison.Ordinal);
        Assert.True(Database.IsTransient(refused));
    }

    [Fact]
    public void A_server_without_a_pool_needs_a_database_that_others_can_reach_and_a_broker()
    {
        var alone = new ServerOptions("data", "http://127.0.0.1:0", Pool: null);
        Assert.StartsWith("--pool: a server without a node inside needs a database", Assert.Throws<SetupException>(alone.Check).Message, StringComparison.Ordinal);
        var shared = alone with { Database = new DatabaseOptions("postgresql", "Host=db") };
        Assert.StartsWith("--nats:", Assert.Throws<SetupException>(shared.Check).Message, StringComparison.Ordinal);
        (shared with { Broker = new BrokerOptions("nats://a:4222,nats://b:4222", null, null) }).Check();
    }
}
