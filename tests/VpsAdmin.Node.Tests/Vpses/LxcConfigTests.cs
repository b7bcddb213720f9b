using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Node.Tests.Vpses;

public sealed class LxcConfigTests
{
    private static readonly VpsConfiguration Plain = new("vps.example.org", null, new(), []);

    [Fact]
    public void Limits_are_said_in_the_words_of_the_hierarchy()
    {
        var limits = new VpsLimits(Memory: 512, Cpu: 150, Processes: 100);
        Assert.Equal(
            [new("memory.max", "536870912"), new("cpu.max", "150000 100000"), new("pids.max", "100")],
            new LxcConfig(CgroupVersion.Second, null, hasAppArmor: true).Limits(limits));
        Assert.Equal(
            [new("memory.limit_in_bytes", "536870912"), new("cpu.cfs_period_us", "100000"), new("cpu.cfs_quota_us", "150000"), new("pids.max", "100")],
            new LxcConfig(CgroupVersion.First, null, hasAppArmor: true).Limits(limits));
        // A limit that is taken away is taken away from one that runs, too.
        Assert.Equal(
            [new("memory.max", "max"), new("cpu.max", "max 100000"), new("pids.max", "max")],
            new LxcConfig(CgroupVersion.Second, null, hasAppArmor: true).Limits(new()));
    }

    [Fact]
    public void A_vps_has_no_privileges_and_no_network_unless_it_is_given_one()
    {
        var lines = Lines(new LxcConfig(CgroupVersion.Second, null, hasAppArmor: false), Plain);
        Assert.Contains("lxc.idmap = u 0 100000 65536", lines);
        Assert.Contains("lxc.idmap = g 0 100000 65536", lines);
        Assert.Contains("lxc.net.0.type = empty", lines);
        Assert.DoesNotContain(lines, static line => line.StartsWith("lxc.apparmor", StringComparison.Ordinal));
        Assert.Contains("lxc.apparmor.profile = generated", Lines(new LxcConfig(CgroupVersion.Second, null, hasAppArmor: true), Plain));
    }

    [Fact]
    public void Addresses_are_on_the_bridge()
    {
        var lines = Lines(new LxcConfig(CgroupVersion.Second, "br0", hasAppArmor: false), Plain with { Addresses = ["192.0.2.7/24", "2001:db8::7/64"] });
        Assert.Equal(
            ["lxc.net.0.type = veth", "lxc.net.0.link = br0", "lxc.net.0.flags = up", "lxc.net.0.ipv4.address = 192.0.2.7/24", "lxc.net.0.ipv6.address = 2001:db8::7/64"],
            lines.Where(static line => line.StartsWith("lxc.net", StringComparison.Ordinal)));
    }

    [Fact]
    public void What_is_kept_of_the_console_has_a_limit()
    {
        var lines = Lines(new LxcConfig(CgroupVersion.Second, null, hasAppArmor: false), Plain);
        Assert.Contains("lxc.console.size = 1048576", lines);
        Assert.Contains("lxc.console.rotate = 1", lines);
    }

    [Theory]
    [InlineData("a\nlxc.idmap =", "192.0.2.7/24")]
    [InlineData("-a", "192.0.2.7/24")]
    [InlineData("", "192.0.2.7/24")]
    [InlineData("vps", "192.0.2.7")]
    [InlineData("vps", "192.0.2.7/33")]
    [InlineData("vps", "192.0.2.7/24\nlxc.hook.start = /bin/true")]
    [InlineData("vps", "192.0.2/24")]
    [InlineData("vps", "2001:db8::7/129")]
    [InlineData("vps", "vps.example.org/24")]
    public void What_would_be_another_setting_is_refused(string hostname, string address) =>
        Assert.Throws<TransactionException>(() => new LxcConfig(CgroupVersion.Second, null, hasAppArmor: false).Write("/tank/101", Plain with { Hostname = hostname, Addresses = [address] }));

    [Fact]
    public void A_line_break_in_a_mount_point_is_refused() =>
        Assert.Throws<TransactionException>(static () => new LxcConfig(CgroupVersion.Second, null, hasAppArmor: false).Write("/tank/1\nlxc.idmap =", Plain));

    [Theory]
    [InlineData("root:100000:65536\n", true)]
    [InlineData("somebody:100000:65536\nroot:90000:1000000", true)]
    [InlineData("somebody:100000:65536", false)]
    [InlineData("root:100000:1000", false)]
    [InlineData("root:165536:65536", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Root_needs_the_range(string? text, bool granted) => Assert.Equal(granted, IdMap.Fault(_ => text) is null);

    [Fact]
    public void Usage_is_found_in_either_hierarchy()
    {
        var files = new Dictionary<string, string>
        {
            ["/sys/fs/cgroup/memory/lxc.payload.101/memory.usage_in_bytes"] = "1000\n",
            ["/sys/fs/cgroup/pids/lxc.payload.101/pids.current"] = "7\n",
            ["/sys/fs/cgroup/cpuacct/lxc.payload.101/cpuacct.usage"] = "2000000000\n",
            ["/sys/fs/cgroup/lxc.payload.102/memory.current"] = "2000\n",
            ["/sys/fs/cgroup/lxc.payload.102/pids.current"] = "8\n",
            ["/sys/fs/cgroup/lxc.payload.102/cpu.stat"] = "usage_usec 3000000\nuser_usec 1\n",
        };
        Assert.Equal(
            new CgroupUsage(1000, 7, TimeSpan.FromSeconds(2)),
            CgroupUsage.Read("8:pids:/lxc.payload.101\n4:memory:/lxc.payload.101\n2:cpuacct:/lxc.payload.101\n0::/lxc.payload.101\n", files.GetValueOrDefault));
        Assert.Equal(new CgroupUsage(2000, 8, TimeSpan.FromSeconds(3)), CgroupUsage.Read("0::/lxc.payload.102\n", files.GetValueOrDefault));
        Assert.Equal(new CgroupUsage(null, null, null), CgroupUsage.Read("0::/lxc.payload.103\n", files.GetValueOrDefault));
    }

    private static string[] Lines(LxcConfig config, VpsConfiguration configuration) => config.Write("/tank/101", configuration).Split('\n');
}
