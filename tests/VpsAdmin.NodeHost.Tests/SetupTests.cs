using System.CommandLine;
using Microsoft.Extensions.Configuration;
using VpsAdmin.NodeWeb;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>What the program is started with.</summary>
public sealed class SetupTests
{
    private static readonly (string Option, string Value)[] Good = [("--name", "node2.example.org"), ("--pool", "tank/vps"), ("--nats", "nats://127.0.0.1:1")];

    [Theory]
    [InlineData("'Node 2' is not a domain name", "--name", "Node 2")]
    [InlineData("'-rf' is not the name of a ZFS filesystem", "--pool=-rf")]
    [InlineData("'tank/vps/inner' is not apart from 'tank/vps'", "--pool", "tank/vps", "--pool", "tank/vps/inner")]
    [InlineData("'http://127.0.0.1' is not the address of a NATS broker", "--nats", "http://127.0.0.1")]
    [InlineData("password is in its address", "--nats", "nats://me:secret@127.0.0.1")]
    [InlineData("'ftp://127.0.0.1' is not an address to listen on", "--urls", "ftp://127.0.0.1")]
    [InlineData("'4569' is not an address with a port to listen on", "--streams", "4569")]
    [InlineData("'node 2' is not an address of this node", "--streams", "0.0.0.0:4569", "--stream-address", "node 2")]
    [InlineData("'nonsense' is not an http or https address", "--base-url", "nonsense")]
    public async Task Bad_input_is_one_line_and_status_2(string expected, params string[] arguments)
    {
        string[] all = ["serve", .. Good.Where(g => !arguments.Any(a => a.StartsWith(g.Option, StringComparison.Ordinal))).SelectMany(static g => new[] { g.Option, g.Value }), .. arguments];
        var error = new StringWriter();
        var status = await NodeCommands.RunAsync(all, new InvocationConfiguration { Error = error, Output = TextWriter.Null });
        Assert.Equal(2, status);
        Assert.Contains(expected, error.ToString(), StringComparison.Ordinal);
        Assert.Single(error.ToString().TrimEnd('\n').Split('\n'));
        Assert.DoesNotContain("secret", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Queues_are_as_many_as_the_settings_say_and_else_as_by_default()
    {
        var queues = QueueSettings.Read(Section(("general", "1"), ("zfs_recv:limit", "5"), ("zfs_send:startdelay", "01:30:00")));
        Assert.Equal((1, TimeSpan.FromMinutes(90)), (Of("zfs_send"), queues.Single(static q => q.Name == "zfs_send").StartDelay));
        Assert.All(queues.Where(static q => q.Name != "zfs_send"), static q => Assert.Equal(TimeSpan.Zero, q.StartDelay));
        Assert.Equal((1, 5, 2), (Of("general"), Of("zfs_recv"), Of("storage")));

        int Of(string name) => queues.Single(q => q.Name == name).Concurrency;
    }

    [Theory]
    [InlineData("nosuch", "1", "there is no queue 'nosuch'; there are general")]
    [InlineData("general", "0", "'0' is no number of transactions of the queue general")]
    [InlineData("zfs_send:startdelay", "-1:00", "is no start delay of the queue zfs_send")]
    [InlineData("zfs_send:startdelay", "soon", "'soon' is no start delay")]
    [InlineData("general", "many", "'many' is no number")]
    public void Queues_that_cannot_be_are_refused(string name, string value, string expected) =>
        Assert.Contains(expected, Assert.Throws<FormatException>(() => QueueSettings.Read(Section((name, value)))).Message, StringComparison.Ordinal);

    private static IConfigurationSection Section(params (string Name, string Value)[] settings) => new ConfigurationBuilder()
        .AddInMemoryCollection(settings.Select(static s => KeyValuePair.Create($"queues:{s.Name}", (string?)s.Value))).Build().GetSection("queues");
}
