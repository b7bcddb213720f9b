using System.CommandLine;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Logging.Abstractions;
using VpsAdmin.HaveApi;
using VpsAdmin.Lab;
using VpsAdmin.Nats;
using VpsAdmin.Node;
using VpsAdmin.Server.Chains;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Hosting;

/// <summary>The commands of an administrator, beside a server that runs.</summary>
public sealed class AdministrationTests : AdministeredServerTests
{
    [Fact]
    public async Task A_user_is_added_logs_in_and_gets_a_new_password()
    {
        var added = await RunAsync("correct horse\n", "user", "add", "joe", "--data", Data, "--email", "joe@example.org");
        Assert.Equal((0, "User 2 (joe) was added.\n", ""), added);
        using (var joe = await Server.ConnectAsync("joe", "correct horse"))
        {
            var shown = (await joe.CallAsync("user#current", [], null, null, Cancel)).Object!;
            Assert.Equal(("joe@example.org", 1), ((string?)shown["email"], (int)shown["level"]!));
            Assert.Equal(0, (await RunAsync("battery staple\n", "user", "passwd", "joe", "--data", Data)).Status);
            await Assert.ThrowsAnyAsync<HaveApiException>(() => joe.CallAsync("user#current", [], null, null, Cancel));
        }
        await Assert.ThrowsAnyAsync<HaveApiException>(() => Server.ConnectAsync("joe", "correct horse"));
        (await Server.ConnectAsync("joe", "battery staple")).Dispose();
    }

    [Fact]
    public async Task A_program_is_registered_for_logins_through_a_browser_and_removed()
    {
        string[] add = ["oauth", "client", "add", "module", "--redirect-uri", "http://127.0.0.1/", "--name", "VpsAdmin.PS", "--data", Data];
        Assert.Equal((0, "Client 'module' was added.\n", ""), await RunAsync("", add));
        Assert.Equal((2, "", "vpsadmin-server: There is a client 'module' already.\n"), await RunAsync("", add));
        Assert.Equal("module (VpsAdmin.PS, public): [\"http://127.0.0.1/\"]\n", (await RunAsync("", "oauth", "client", "list", "--data", Data)).Output);

        var secret = await RunAsync("", "oauth", "client", "add", "web", "--redirect-uri", "https://web.example.org/cb", "--confidential", "--data", Data);
        Assert.Matches(@"\AClient 'web' was added\. Its secret: [0-9a-f]{64}\n\z", secret.Output);
        Assert.Equal(0, (await RunAsync("", "oauth", "client", "remove", "web", "--data", Data)).Status);
        Assert.Equal((2, "", "vpsadmin-server: There is no client 'web'.\n"), await RunAsync("", "oauth", "client", "remove", "web", "--data", Data));
    }

    [Theory]
    [InlineData("short\n", "password: must have 8 characters or more", "user", "add", "joe")]
    [InlineData("", "password: must have 8 characters or more", "user", "add", "joe")]
    [InlineData("correct horse\n", "login: is taken", "user", "add", "admin")]
    [InlineData("correct horse\n", "login: must be letters", "user", "add", "a b")]
    [InlineData("correct horse\n", "level: must be from 1 to 99", "user", "add", "joe", "--level", "100")]
    [InlineData("correct horse\n", "email: is not an address", "user", "add", "joe", "--email", "a@b@c")]
    [InlineData("correct horse\n", "login: is nobody's", "user", "passwd", "joe")]
    [InlineData("", "--redirect-uri: 'http://web.example.org/' is neither", "oauth", "client", "add", "web", "--redirect-uri", "http://web.example.org/")]
    [InlineData("", "'a b' cannot be a client's id", "oauth", "client", "add", "a b", "--redirect-uri", "http://127.0.0.1/")]
    [InlineData("", "'-x/y' is not the name of a ZFS filesystem", "pool", "add", "--", "-x/y")]
    [InlineData("", "'tank/vps/backup' is not apart from pool 1, tank/vps", "pool", "add", "tank/vps/backup")]
    [InlineData("", "'tank' is not apart from pool 1, tank/vps", "pool", "add", "tank")]
    [InlineData("", "There is no node 'node9.example.org'; add it: vpsadmin-server node add node9.example.org", "pool", "add", "backup/vps", "--node", "node9.example.org")]
    [InlineData("", "'-x' is not the name of a ZFS filesystem", "pool", "add", "--node=node1.example.org", "--", "-x")]
    [InlineData("", "'a b' is not a domain name, such as node2.example.org.", "node", "add", "a b")]
    [InlineData("", "'' is not a domain name", "node", "add", "")]
    [InlineData("", "'*.>' is not a domain name", "node", "add", "*.>")]
    [InlineData("", "There is a node 'node1.example.org' already.", "node", "add", "NODE1.example.org")]
    [InlineData("", "Argument 'mail' not recognized", "node", "add", "node2.example.org", "--role", "mail")]
    [InlineData("", "There is no node 'node9.example.org'; add it: vpsadmin-server node add node9.example.org", "node", "permissions", "node9.example.org")]
    [InlineData("", "--nats: the broker at nats://127.0.0.1:1 cannot be used", "status", "--nats", "nats://127.0.0.1:1")]
    public async Task What_cannot_be_is_told_in_one_line(string input, string expected, params string[] arguments)
    {
        await RunAsync("", "node", "add", "node2.example.org", "--data", Data);
        var command = arguments.Contains("--") ? [arguments[0], arguments[1], "--data", Data, .. arguments[2..]] : (string[])[.. arguments, "--data", Data];
        var (status, output, error) = await RunAsync(input, command);
        Assert.Equal((2, ""), (status, output));
        Assert.StartsWith("vpsadmin-server: " + expected, error, StringComparison.Ordinal);
        Assert.Single(error.TrimEnd('\n').Split('\n'));
    }

    [Fact]
    public async Task A_node_is_added_once_and_the_broker_is_told_what_it_may()
    {
        var added = await RunAsync("", "node", "add", "Node2.example.org", "--role", "primary", "--data", Data);
        Assert.Equal((0, "Node 2 (node2.example.org) was added. Start it there: vpsadmin-node serve --name node2.example.org\n", ""), added);
        Assert.Equal(PoolRole.Primary, await Server.QueryAsync(db => db.Nodes.Where(static n => n.Id == 2).Select(static n => n.Role).SingleAsync(Cancel)));
        var permissions = await RunAsync("", "node", "permissions", "node2.example.org", "--data", Data);
        Assert.Equal((0, ""), (permissions.Status, permissions.Error));
        Assert.Contains("node2", permissions.Output, StringComparison.Ordinal);

        var pool = await RunAsync("", "pool", "add", "backup/vps", "--node", "node2.example.org", "--label", "far", "--data", Data);
        Assert.Equal((0, "Pool 2 (backup/vps) was added.\n", ""), pool);
        var status = (await RunAsync("", "status", "--data", Data)).Output;
        Assert.Contains("Node 1: node1.example.org, in the server\nNode 2: node2.example.org; --nats tells whether it is there\n", status, StringComparison.Ordinal);
        Assert.Contains("Pool 2: backup/vps on node2.example.org (Backup)\n", status, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_of_the_database_into_a_folder_that_is_not_there_is_refused()
    {
        foreach (var file in new[] { "/nosuch/folder/x.db", "" })
        {
            var (status, _, error) = await RunAsync("", "backup-db", file, "--data", Data);
            Assert.Equal((2, 1), (status, error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length));
        }
    }

    [Fact]
    public async Task Status_tells_of_the_server_its_pools_and_chains_that_need_somebody_who_can_end_them()
    {
        Assert.Equal(0, (await RunAsync("", "pool", "add", "backup/vps", "--node", "node1.example.org", "--data", Data)).Status);
        var snapshot = await Server.AddSnapshotAsync(await Server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var (_, chain) = await Server.CreateDownloadAsync(snapshot);
        Server.Node.Fail(await Server.Node.NextAsync(Cancel));
        Server.Node.Fail(await Server.Node.NextAsync(Cancel), "the pool is gone");
        await Server.WaitForAsync(chain, ChainState.Fatal);

        var status = (await RunAsync("", "status", "--data", Data)).Output;
        Assert.Contains($"The server runs at {Server.Url.AbsoluteUri.TrimEnd('/')}\n", status, StringComparison.Ordinal);
        Assert.Contains("Pool 2: backup/vps on node1.example.org (Backup)\n", status, StringComparison.Ordinal);
        Assert.Contains($"Chain {chain} (Download) could not be undone: the pool is gone\n", status, StringComparison.Ordinal);

        Assert.Equal((0, $"Chain {chain} (Download) is resolved.\n", ""), await RunAsync("", "chain", "resolve", $"{chain}", "--data", Data));
        Assert.Equal((1, "", "vpsadmin-server: this transaction chain is not fatal\n"), await RunAsync("", "chain", "resolve", $"{chain}", "--data", Data));
    }

    [Fact]
    public async Task A_chain_that_waits_is_ended_only_when_its_node_is_not_there()
    {
        await using var broker = await NatsBroker.StartAsync(Cancel);
        Assert.SkipUnless(broker.Available, broker.Reason ?? "");
        await using var link = await NatsLink.ConnectAsync(new NatsSettings(broker.Url, null, null), "test", TimeProvider.System, Cancel);
        await NatsBus.OpenAsync(link, NullLogger.Instance, Cancel);
        foreach (var name in new[] { "vault.example.org", "gone.example.org" })
            Assert.Equal(0, (await RunAsync("", "node", "add", name, "--role", "backup", "--data", Data)).Status);
        var (own, there, gone) = (await StartAsync(1), await StartAsync(2), await StartAsync(3));

        Assert.Equal((1, "", "vpsadmin-server: this transaction chain is not fatal\n"), await RunAsync("", "chain", "resolve", $"{gone}", "--data", Data));
        Assert.Equal((1, "", "vpsadmin-server: node node1.example.org is in the server: the chain goes on when the server runs\n"), await ResolveAsync(own));
        Assert.Equal((2, "", "vpsadmin-server: --node-is-gone: only the broker knows whether a node is there, and --nats tells where the broker is.\n"),
            await RunAsync("", "chain", "resolve", $"{gone}", "--data", Data, "--node-is-gone"));
        var presence = await NodePresence.OpenAsync(link, Cancel);
        await presence.TellAsync(2, new NodeStatus([]), Cancel);
        var nodes = new PresentNodes(presence, Server.Installation, TimeProvider.System, NullLogger<PresentNodes>.Instance);
        Assert.Equal((true, true, false), (await nodes.IsThereAsync(1, Cancel), await nodes.IsThereAsync(2, Cancel), await nodes.IsThereAsync(3, Cancel)));
        Assert.Equal((1, "", "vpsadmin-server: node vault.example.org is there, or was less than 45 seconds ago: the chain goes on by itself\n"), await ResolveAsync(there));
        Assert.Equal((0, $"Chain {gone} (X) is resolved.\n", ""), await ResolveAsync(gone));
        Assert.Equal((1, "", "vpsadmin-server: this transaction chain waits for no node\n"), await ResolveAsync(gone));

        Task<(int, string, string)> ResolveAsync(long chain) => RunAsync("", "chain", "resolve", $"{chain}", "--data", Data, "--node-is-gone", "--nats", broker.Url);

        async Task<long> StartAsync(long node)
        {
            var started = await Server.UseAsync<ChainStarter, StartedChain<bool>>((chains, _) => chains.StartAsync(new("x", "X"), 1, builder =>
            {
                builder.Append(node, TransactionType.CreateDataset, new JsonObject());
                return Task.FromResult(true);
            }, Cancel));
            await Server.Node.NextAsync(Cancel);
            return started.ChainId;
        }
    }

    [Fact]
    public async Task A_check_that_has_no_pools_to_look_at_is_no_agreement()
    {
        var servers = await AddServersNodeAsync();
        await File.WriteAllTextAsync(Server.Installation.Data.NodeId, $"{servers}", Cancel);
        var check = await RunAsync("", "check", "--data", Data);
        Assert.Equal((1, ""), (check.Status, check.Error));
        Assert.StartsWith("NothingCompared: Node servers, which is in the server, has no pools", check.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_had_no_pool_once_has_the_node_that_it_was_started_with_last()
    {
        await AddServersNodeAsync();
        Assert.Contains("Node 1: node1.example.org, in the server\n", (await RunAsync("", "status", "--data", Data)).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("NothingCompared", (await RunAsync("", "check", "--data", Data)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_copy_of_the_database_is_whole_and_its_owners_alone()
    {
        Assert.SkipWhen(TestDatabase.IsPostgreSql, "PostgreSQL has a program of its own for that.");
        await Server.AddDatasetAsync("101");
        var file = Folder.Below("copy.db");
        Assert.Equal((0, $"The database is in {file}\n", ""), await RunAsync("", "backup-db", file, "--data", Data));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        await using var connection = new SqliteConnection($"Data Source={file};Pooling=False");
        await connection.OpenAsync(Cancel);
        await using var command = connection.CreateCommand();
        command.CommandText = "SELECT FullName FROM Datasets";
        Assert.Equal("101", await command.ExecuteScalarAsync(Cancel));

        var again = await RunAsync("", "backup-db", file, "--data", Data);
        Assert.Equal((2, $"vpsadmin-server: '{file}' exists already.\n"), (again.Status, again.Error));
    }

    [Fact]
    public async Task A_folder_without_a_database_is_told()
    {
        Assert.SkipWhen(TestDatabase.IsPostgreSql, "The database is not in the folder.");
        var (status, _, error) = await RunAsync("", "status", "--data", Folder.Path);
        Assert.Equal(2, status);
        Assert.Contains("there is no database", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_of_a_newer_server_is_refused_and_left_alone()
    {
        await Server.QueryAsync(db => db.Database.ExecuteSqlAsync(
            $"INSERT INTO \"__EFMigrationsHistory\" (\"MigrationId\", \"ProductVersion\") VALUES ('29990101000000_Future', '99')", Cancel));
        var refused = await Assert.ThrowsAsync<SetupException>(() => Server.QueryAsync(async db =>
        {
            await Database.MigrateAsync(db, Server.Installation.Data.Database, Cancel);
            return true;
        }));
        Assert.Contains("newer version of the server (it has '29990101000000_Future')", refused.Message, StringComparison.Ordinal);
        Assert.Equal(2, (await RunAsync("", "status", "--data", Data)).Status);
    }

    [Fact]
    public async Task Settings_come_from_a_file()
    {
        Assert.SkipWhen(TestDatabase.IsPostgreSql, "The settings of this test name a folder with the database in it.");
        var file = Folder.Below("server.json");
        await File.WriteAllTextAsync(file, $$"""{"data": "{{Data}}"}""", Cancel);
        Assert.Equal(0, (await RunAsync("", "status", "--config", file)).Status);
        await File.WriteAllTextAsync(file, $$"""{"data": "{{Data}}", "pool": "tank", "plans": {"snapshots": "tomorrow"} }""", Cancel);
        var (status, _, error) = await RunAsync("", "--config", file, "status");
        Assert.Equal((0, ""), (status, error));
        await File.WriteAllTextAsync(file, "{", Cancel);
        Assert.StartsWith($"vpsadmin-server: --config: '{file}' cannot be read", (await RunAsync("", "status", "--config", file)).Error, StringComparison.Ordinal);
    }

    /// <summary>As a server without a pool makes it.</summary>
    private Task<long> AddServersNodeAsync() => Server.QueryAsync(static async db =>
    {
        var node = db.Nodes.Add(new() { Name = Installation.ServersName, DomainName = Installation.ServersName }).Entity;
        await db.SaveChangesAsync(Cancel);
        return node.Id;
    });
}
