namespace VpsAdmin.Zfs.Tests;

public class SshCommandLineTests
{
    [Theory]
    [InlineData("plain", "'plain'")]
    [InlineData("", "''")]
    [InlineData("two words", "'two words'")]
    [InlineData("$(rm -rf /); `x` \"y\" *", "'$(rm -rf /); `x` \"y\" *'")]
    [InlineData("it's", @"'it'\''s'")]
    public void A_word_stays_one_word(string word, string quoted) => Assert.Equal(quoted, SshCommandLine.Quote(word));

    [Fact]
    public void Everything_behind_the_host_is_one_argument_for_the_remote_shell()
    {
        var line = SshCommandLine.Line(new SshTarget("root@backup", "/etc/ssh_config"), ["sudo", "-n", "zfs", "list", "tank/a b"]);
        Assert.Equal(["ssh", "-F", "/etc/ssh_config"], line.Take(3));
        Assert.Contains("BatchMode=yes", line);
        Assert.Equal(["--", "root@backup"], line.SkipLast(1).TakeLast(2));
        Assert.StartsWith("'/bin/sh' '-c' 'PATH=", line[^1], StringComparison.Ordinal);
        Assert.EndsWith("exec \"$0\" \"$@\"' 'sudo' '-n' 'zfs' 'list' 'tank/a b'", line[^1], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("backup", true)]
    [InlineData("root@backup.example.org", true)]
    [InlineData("root@2001:db8::1", true)]
    [InlineData("root@[2001:db8::1]", true)]
    [InlineData("-oProxyCommand=x", false)]
    [InlineData("root@-oProxyCommand=x", false)]
    [InlineData("-l@host", false)]
    [InlineData("ssh://host", false)]
    [InlineData("a b", false)]
    [InlineData("a@b@c", false)]
    [InlineData("host\n", false)]
    [InlineData("", false)]
    public void A_destination_is_a_host_and_nothing_else(string text, bool isDestination)
    {
        Assert.Equal(isDestination, SshTarget.IsDestination(text));
        if (!isDestination)
            Assert.Throws<ArgumentException>(() => SshCommandLine.Line(new SshTarget(text), ["zfs"]));
    }

    [Fact]
    public void Sudo_is_the_remote_machines_affair() =>
        Assert.Contains("'sudo' '-n' 'zfs'", new ZfsCommand(new ZfsHostOptions(Sudo: true, Remote: new SshTarget("h"))).Line(["list"])[^1], StringComparison.Ordinal);

    [Theory]
    [InlineData("root@h: Permission denied (publickey).", ZfsFailure.HostUnreachable)]
    [InlineData("ssh: connect to host h port 22: Connection refused", ZfsFailure.HostUnreachable)]
    [InlineData("ssh: Could not resolve hostname h: Name or service not known", ZfsFailure.HostUnreachable)]
    [InlineData("Host key verification failed.", ZfsFailure.HostUnreachable)]
    [InlineData("/bin/sh: 1: exec: zfs: not found", ZfsFailure.Unavailable)]
    [InlineData("cannot create 'tank/a': permission denied", ZfsFailure.PermissionDenied)]
    public void What_ssh_says_is_told_apart_from_what_zfs_says(string words, ZfsFailure failure) => Assert.Equal(failure, ZfsFailures.Classify(words));
}
