using System.Diagnostics;
using System.Runtime.Versioning;
using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.Client.Tests.Connections;

[UnsupportedOSPlatform("windows")]
public sealed class SavedConnectionStoreTests : IDisposable
{
    private const string Token = "a-secret-token";
    private static readonly DateTimeOffset Issued = new(2026, 3, 4, 5, 6, 7, TimeSpan.Zero);
    private readonly string _parent = Directory.CreateTempSubdirectory("vpsadmin-client-").FullName;
    private readonly SavedConnectionStore _store;

    public SavedConnectionStoreTests() => _store = new SavedConnectionStore(Folder, TimeProvider.System);

    private string Folder => Path.Combine(_parent, "vpsadmin");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public void Nothing_is_saved_and_nothing_made_before_something_is()
    {
        Assert.Empty(_store.Read().All);
        Assert.False(Directory.Exists(Folder));
    }

    [Fact]
    public async Task What_was_saved_is_read_by_another_process_and_the_last_is_the_default()
    {
        SavedConnection[] all =
        [
            Given("given"),
            Given("requested") with { Terms = new SavedTerms(TokenLifetime.RenewableManual, TimeSpan.FromMinutes(20), Issued, Issued.AddMinutes(20)) },
            Given("vault") with { Token = null, Vault = "MyVault", Terms = new SavedTerms(TokenLifetime.Permanent, TimeSpan.FromDays(1), Issued, null) },
            Given("browser") with
            {
                OAuth = new SavedOAuth(new OAuthClient("cli", "client-secret"), Guid.NewGuid(), "refresh", Issued, Issued.AddSeconds(899.5)),
            },
        ];
        foreach (var connection in all)
            await _store.UpdateAsync(before => before.With(connection), Cancel);

        var read = new SavedConnectionStore(Folder, TimeProvider.System).Read();

        Assert.Equal("browser", read.Default);
        Assert.Equivalent(all, read.All, strict: true);
        Assert.Equal(Issued.AddMinutes(20), read.Find("REQUESTED")!.ValidTo);
    }

    [Fact]
    public async Task Saving_again_replaces_and_the_forgotten_default_has_no_heir()
    {
        await _store.UpdateAsync(before => before.With(Given("work")).With(Given("home")), Cancel);
        await _store.UpdateAsync(before => before.With(Given("Work") with { Token = "newer" }), Cancel);
        Assert.Equal("newer", _store.Read().Find("work")!.Token);
        Assert.Equal(2, _store.Read().All.Count);

        var left = await _store.UpdateAsync(before => before.Without("work"), Cancel);

        Assert.Null(left.Default);
        Assert.Equal(["home"], _store.Read().All.Select(c => c.Name));
    }

    [Fact]
    public async Task News_of_one_leave_the_default_as_it_is()
    {
        await _store.UpdateAsync(before => before.With(Given("work")).With(Given("home")), Cancel);
        await _store.UpdateAsync(before => before.Replaced(Given("work") with { Token = "newer" }), Cancel);
        Assert.Equal(("home", "newer"), (_store.Read().Default, _store.Read().Find("work")!.Token));
    }

    [Fact]
    public async Task Only_its_owner_can_read_it_whatever_the_umask_was()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Unix has modes.");
        await SaveAsync();
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(_store.FilePath));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Folder));
        Assert.Equal(["connections.json", "connections.lock"], Directory.GetFiles(Folder).Select(Path.GetFileName).Order());
    }

    [Theory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherWrite)]
    public async Task A_file_that_others_may_touch_is_refused_for_reading_and_for_writing(UnixFileMode more)
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Unix has modes.");
        await SaveAsync();
        File.SetUnixFileMode(_store.FilePath, File.GetUnixFileMode(_store.FilePath) | more);
        await AssertUnsafeAsync(_store.FilePath);
    }

    [Fact]
    public async Task A_folder_that_others_may_enter_is_refused()
    {
        if (OperatingSystem.IsWindows())
            Assert.Skip("Unix has modes.");
        await SaveAsync();
        File.SetUnixFileMode(Folder, File.GetUnixFileMode(Folder) | UnixFileMode.GroupExecute);
        await AssertUnsafeAsync(Folder);
    }

    [Fact]
    public async Task A_file_or_folder_of_somebody_else_is_refused()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            Assert.Skip("Only root can give a file away.");
        await SaveAsync();
        Give(_store.FilePath);
        await AssertUnsafeAsync(_store.FilePath);
    }

    [Fact]
    public async Task A_link_is_refused_also_one_to_nothing()
    {
        await SaveAsync();
        var elsewhere = Path.Combine(_parent, "elsewhere");
        File.Move(_store.FilePath, elsewhere);
        File.CreateSymbolicLink(_store.FilePath, elsewhere);
        await AssertUnsafeAsync(_store.FilePath);
        File.Delete(elsewhere);
        await AssertUnsafeAsync(_store.FilePath);
    }

    [Fact]
    public async Task A_link_in_place_of_the_folder_is_refused()
    {
        await SaveAsync();
        Directory.Move(Folder, Folder + "-real");
        Directory.CreateSymbolicLink(Folder, Folder + "-real");
        await AssertUnsafeAsync(Folder);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("""{"version":1,"connections":[{"name":"work","uri":"https://a.example/","user":"jane","userId":1,"token":"a-secret-token" """)]
    [InlineData("""{"version":2,"connections":[]}""")]
    [InlineData("""{"version":1,"connections":[null]}""")]
    [InlineData("""{"version":1,"connections":[{"name":"-x","uri":"https://a.example/","user":"jane","userId":1,"token":"a-secret-token"}]}""")]
    [InlineData("""{"version":1,"connections":[{"name":"work","uri":"file:///etc/passwd","user":"jane","userId":1,"token":"a-secret-token"}]}""")]
    [InlineData("""{"version":1,"connections":[{"name":"work","uri":"https://a.example/","userId":1,"token":"a-secret-token"}]}""")]
    [InlineData("""{"version":1,"connections":[{"name":"work","uri":"https://a.example/","user":"jane","userId":1}]}""")]
    [InlineData("""{"version":1,"connections":[{"name":"work","uri":"https://a.example/","user":"jane","userId":1,"token":"a-secret-token\r\nX: y"}]}""")]
    [InlineData("""{"version":1,"connections":[{"name":"work","uri":"https://a.example/","user":"jane","userId":1,"token":["a-secret-token"]}]}""")]
    [InlineData("""{"version":1,"connections":[{"name":"work","uri":"https://a.example/","user":"jane","userId":1,"token":"a-secret-token","terms":{"lifetime":"Fixed","seconds":1e9,"issuedAt":"2026-03-04T05:06:07Z"}}]}""")]
    public async Task A_damaged_file_is_said_so_and_left_alone_and_no_secret_is_shown(string content)
    {
        await SaveAsync();
        await File.WriteAllTextAsync(_store.FilePath, content, Cancel);

        var failure = await Assert.ThrowsAsync<SavedConnectionException>(() => _store.UpdateAsync(before => before.With(Given("other")), Cancel));

        Assert.Equal(SavedConnectionFailure.Damaged, failure.Failure);
        Assert.Contains(_store.FilePath, failure.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Token, failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(content, await File.ReadAllTextAsync(_store.FilePath, Cancel));
    }

    [Fact]
    public async Task Two_that_save_at_one_time_are_both_there()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(
            () => new SavedConnectionStore(Folder, TimeProvider.System).UpdateAsync(before => before.With(Given($"c{i}")), Cancel), Cancel)));
        Assert.Equal(8, _store.Read().All.Count);
    }

    [Fact]
    public async Task A_writer_that_died_leaves_the_file_as_it_was()
    {
        await SaveAsync();
        await File.WriteAllTextAsync(_store.FilePath + ".new", "half of", Cancel);
        Assert.Single(_store.Read().All);
        await _store.UpdateAsync(before => before.With(Given("home")), Cancel);
        Assert.Equal(2, _store.Read().All.Count);
    }

    [Fact]
    public void Nothing_that_is_saved_prints_its_secrets()
    {
        var login = new SavedOAuth(new OAuthClient("cli", "client-secret"), Guid.NewGuid(), "refresh-token", Issued, null);
        var connection = Given("work") with { OAuth = login };
        Assert.Equal("work: jane at https://api.example.org/", connection.ToString());
        foreach (var secret in (string[])[Token, "client-secret", "refresh-token"])
            Assert.DoesNotContain(secret, $"{connection} {login} {login.Client} {new SavedConnections("work", [connection])}", StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_parent, recursive: true);

    private static SavedConnection Given(string name) => new(name, new Uri("https://api.example.org/"), "jane", 3, Token, null, null, null);

    private Task<SavedConnections> SaveAsync() => _store.UpdateAsync(before => before.With(Given("work")), Cancel);

    private async Task AssertUnsafeAsync(string path)
    {
        var reading = Assert.Throws<SavedConnectionException>(() => _store.Read());
        var writing = await Assert.ThrowsAsync<SavedConnectionException>(() => _store.UpdateAsync(before => before.With(Given("home")), Cancel));
        Assert.Equal((SavedConnectionFailure.Unsafe, path), (reading.Failure, reading.Path));
        Assert.Equal(SavedConnectionFailure.Unsafe, writing.Failure);
    }

    private static void Give(string path)
    {
        using var chown = Process.Start("chown", ["1", path]);
        chown.WaitForExit();
        Assert.Equal(0, chown.ExitCode);
    }
}
