using System.Management.Automation;
using System.Security;
using System.Security.Cryptography;
using VpsAdmin.Lab.Vps2016;
using VpsAdmin.PS.Tests.Engine;
using VpsAdmin.Zfs.Tests.Replay;

namespace VpsAdmin.PS.Tests;

/// <summary>The commands of a member of a cluster that has run unchanged since 2016: HaveAPI protocol 1.0, no action states.</summary>
public sealed class Vps2016Tests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly EngineSession _session = new();

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Snapshots_are_listed_and_saved_and_sent_and_the_server_is_left_clean()
    {
        await using var server = await OldVpsAdmin.StartAsync(Cancel);
        var stream = StreamBytes.Simple(300_000);
        server.Content = (_, _, _) => StreamBytes.Gzip(stream);
        var (dataset, first, second) = Fill(server);
        Connect(server);

        Assert.Equal([dataset.Name], Run("Get-VpsDataset").Output.Select(static d => d.Get<string>("Name")));
        Assert.Equal([first.Id, second.Id], Run("param($Id) Get-VpsSnapshot -Dataset $Id", ("Id", dataset.Id)).Output.Select(static s => s.Get<long>("Id")));

        var saved = Run("param($Id, $Path) Save-VpsSnapshot $Id $Path -Format Stream", ("Id", first.Id), ("Path", _folder.Path)).Single;
        var file = Assert.IsType<FileInfo>(saved.Properties["File"].Value).FullName;
        Assert.Equal("101__2016-06-12T23-00-01.dat.gz", Path.GetFileName(file));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(file, Cancel))), saved.Get<string>("Sha256"));
        Assert.True(saved.Get<bool>("Verified"));
        Assert.Equal(true, Run("param($File) Test-VpsSnapshotStream $File", ("File", file)).Single.BaseObject);

        var sent = _folder.File("sent");
        Run("param($Id, $From, $File) Send-VpsSnapshot $Id -FromSnapshot $From -OutFile $File", ("Id", second.Id), ("From", first.Id), ("File", sent));
        Assert.Equal(stream, await File.ReadAllBytesAsync(sent, Cancel));
        Assert.Empty(server.Downloads);
    }

    [Fact]
    public async Task A_download_is_made_waited_for_by_looking_and_replaced_and_removed()
    {
        await using var server = await OldVpsAdmin.StartAsync(Cancel);
        server.ExportsAtOnce = false;
        var (_, first, _) = Fill(server);
        Connect(server);

        Assert.False(Run("param($Id) New-VpsSnapshotDownload $Id -NoWait", ("Id", first.Id)).Single.Get<bool>("Ready"));
        server.Complete(server.Downloads.Single());
        Assert.True(Run("param($Id) New-VpsSnapshotDownload $Id", ("Id", first.Id)).Single.Get<bool>("Ready"));

        server.ExportsAtOnce = true;
        Assert.Equal("FormatConflict", _session.Run("param($Id) New-VpsSnapshotDownload $Id -Format Stream", ("Id", first.Id)).ErrorId);
        Assert.Equal("Stream", Run("param($Id) New-VpsSnapshotDownload $Id -Format Stream -Force", ("Id", first.Id)).Single.Get<string>("Format"));
        Assert.Equal("stream", server.Downloads.Single().Format);
        Run("Get-VpsSnapshotDownload | Remove-VpsSnapshotDownload -Confirm:$false");
        Assert.Empty(server.Downloads);
    }

    [Fact]
    public async Task A_stream_that_the_server_cut_before_it_hashed_it_is_refused_and_nothing_of_it_stays()
    {
        await using var server = await OldVpsAdmin.StartAsync(Cancel);
        server.Content = (_, _, _) => StreamBytes.Gzip(StreamBytes.Simple(300_000)[..200_000]);
        var (_, first, _) = Fill(server);
        Connect(server);

        var error = _session.Terminating("Send-VpsSnapshot $Id -OutFile $File", ("Id", first.Id), ("File", _folder.File("sent")));
        Assert.Equal("BadStream", error.Id());
        Assert.Empty(Directory.GetFiles(_folder.Path));
        Assert.Empty(server.Downloads);
    }

    [Fact]
    public async Task What_has_no_command_is_reached_and_described()
    {
        await using var server = await OldVpsAdmin.StartAsync(Cancel);
        var (dataset, first, second) = Fill(server);
        Connect(server);

        Assert.Contains("snapshot_download", Run("Get-VpsAdminResource").Output.Select(static r => r.Get<string>("Path")));
        Assert.Equal([first.Id, second.Id], Run("param($Id) Invoke-VpsAdminAction dataset.snapshot index $Id", ("Id", dataset.Id)).Output.Select(static s => s.Get<long>("id")));
    }

    public void Dispose()
    {
        _session.Dispose();
        _folder.Dispose();
    }

    private static (OldDataset, OldSnapshot, OldSnapshot) Fill(OldVpsAdmin server)
    {
        var dataset = server.AddDataset("101");
        return (dataset, server.AddSnapshot(dataset, "2016-06-12T23-00-01", DateTimeOffset.UnixEpoch), server.AddSnapshot(dataset, "2016-06-13T23-00-01", DateTimeOffset.UnixEpoch.AddDays(1)));
    }

    private void Connect(OldVpsAdmin server)
    {
        var password = new SecureString();
        foreach (var c in OldVpsAdmin.Password)
            password.AppendChar(c);
        Run("param($Uri, $Credential) Connect-VpsAdmin $Uri $Credential", ("Uri", server.Address), ("Credential", new PSCredential(OldVpsAdmin.Login, password)));
    }

    private RunResult Run(string script, params (string Name, object? Value)[] parameters)
    {
        var result = _session.Run(script, parameters);
        Assert.Empty(result.Errors.Select(static e => e.ToString()));
        Assert.Empty(result.Warnings);
        return result;
    }
}
