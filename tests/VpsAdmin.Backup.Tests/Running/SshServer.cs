using System.Net.Sockets;
using System.Net;
using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;
using VpsAdmin.Zfs;

namespace VpsAdmin.Backup.Tests.Running;

/// <summary>An sshd of this test on a free port of the loopback, with keys of its own; what it runs, it runs as this user.</summary>
public sealed class SshServer : IAsyncLifetime
{
    private const string Sshd = "/usr/sbin/sshd";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("vpsadmin-ssh-");
    private OwnedProcess? _process;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Why there is none; null when there is.</summary>
    public string? Reason { get; private set; }

    public SshTarget Target => new("backuphost", File("config"));

    public async ValueTask InitializeAsync()
    {
        if (!System.IO.File.Exists(Sshd) || !System.IO.File.Exists("/usr/bin/ssh"))
        {
            Reason = "There is no OpenSSH server here.";
            return;
        }
        // sshd as root wants it for its unprivileged half.
        if (Environment.IsPrivilegedProcess)
            Directory.CreateDirectory("/run/sshd");
        await KeyAsync("host");
        await KeyAsync("user");
        System.IO.File.Copy(File("user.pub"), File("authorized"));
        var port = FreePort.One();
        await System.IO.File.WriteAllTextAsync(File("sshd_config"), $"""
            Port {port}
            ListenAddress 127.0.0.1
            HostKey {File("host")}
            AuthorizedKeysFile {File("authorized")}
            PermitRootLogin yes
            PasswordAuthentication no
            KbdInteractiveAuthentication no
            UsePAM no
            StrictModes no
            PidFile none
            """, Cancel);
        var host = (await System.IO.File.ReadAllTextAsync(File("host.pub"), Cancel)).Split(' ');
        await System.IO.File.WriteAllTextAsync(File("known_hosts"), $"[127.0.0.1]:{port} {host[0]} {host[1]}\n", Cancel);
        await System.IO.File.WriteAllTextAsync(File("config"), $"""
            Host backuphost
              HostName 127.0.0.1
              Port {port}
              User {Environment.UserName}
              IdentityFile {File("user")}
              IdentitiesOnly yes
              UserKnownHostsFile {File("known_hosts")}
              GlobalKnownHostsFile none
              StrictHostKeyChecking yes
            """, Cancel);
        _process = OwnedProcess.Start(new ProcessSpec(Sshd, ["-D", "-e", "-f", File("sshd_config")]));
        await ListeningAsync(port);
    }

    private async Task KeyAsync(string name)
    {
        await using var keygen = OwnedProcess.Start(new ProcessSpec("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", File(name)]));
        Assert.Equal((0, ""), ((await keygen.Completion.WaitAsync(Cancel)).ExitCode, (await keygen.Completion).StandardError));
    }

    private async Task ListeningAsync(int port)
    {
        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        while (!_process!.Completion.IsCompleted)
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(IPAddress.Loopback, port, Cancel);
                return;
            }
            catch (SocketException)
            {
                await tick.WaitForNextTickAsync(Cancel);
            }
        }
        Reason = $"sshd does not run here: {(await _process.Completion).StandardError}";
    }

    private string File(string name) => Path.Combine(_folder.FullName, name);

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        _folder.Delete(recursive: true);
    }
}
