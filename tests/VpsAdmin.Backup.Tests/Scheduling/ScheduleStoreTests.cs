using System.Runtime.Versioning;
using VpsAdmin.Backup.Scheduling;

namespace VpsAdmin.Backup.Tests.Scheduling;

[SupportedOSPlatform("linux")]
public sealed class ScheduleStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("vpsadmin-schedules-").FullName;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private ScheduleStore Store => new(_root);

    private IEnumerable<string> Files => Directory.EnumerateFiles(_root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 })
        .Select(f => Path.GetRelativePath(_root, f)).Order(StringComparer.Ordinal);

    [Theory]
    [MemberData(nameof(ScheduleFilesTests.Kinds), MemberType = typeof(ScheduleFilesTests))]
    public async Task A_schedule_is_written_found_and_deleted_again(ScheduleKind kind)
    {
        var registered = await Store.RegisterAsync(ScheduleFilesTests.For(kind), kind, Cancel);

        Assert.Equal(ScheduleFiles.Paths(kind, "tank-backup-web").Order(StringComparer.Ordinal), Files);
        foreach (var file in ScheduleFiles.Of(ScheduleFilesTests.For(kind), kind))
            Assert.Equal(file.Content, await File.ReadAllTextAsync(Path.Combine(_root, file.Path), Cancel));
        Assert.Equal(("tank-backup-web", kind, "tank/backup/web"), (registered.Name, registered.Kind, registered.Filesystem));
        Assert.NotEqual("", registered.When);
        var found = Assert.Single(Store.List());
        Assert.Equal(registered.Files, found.Files);
        Assert.Equal(registered.When, found.When);

        await Store.UnregisterAsync(kind, "tank-backup-web", Cancel);
        Assert.Empty(Files);
        Assert.Empty(Store.List());
    }

    [Fact]
    public async Task Files_are_readable_by_all_as_cron_demands_and_name_the_token_only()
    {
        var token = Path.Combine(_root, "token");
        await File.WriteAllTextAsync(token, "SECRET", Cancel);
        var registered = await Store.RegisterAsync(ScheduleFilesTests.Web with { TokenFile = token }, ScheduleKind.Cron, Cancel);
        foreach (var file in registered.Files)
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead, File.GetUnixFileMode(file));
            Assert.DoesNotContain("SECRET", await File.ReadAllTextAsync(file, Cancel), StringComparison.Ordinal);
        }
        Assert.Contains(token, await File.ReadAllTextAsync(registered.Files[0], Cancel), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_schedule_that_cannot_be_written_whole_leaves_no_half()
    {
        Directory.CreateDirectory(Path.Combine(_root, "etc"));
        await File.WriteAllTextAsync(Path.Combine(_root, "etc", "systemd"), "", Cancel);
        await Assert.ThrowsAnyAsync<IOException>(() => Store.RegisterAsync(ScheduleFilesTests.Web, ScheduleKind.Systemd, Cancel));
        Assert.Equal(["etc/systemd"], Files);
    }

    [Fact]
    public async Task What_others_put_there_and_what_people_edited_is_borne()
    {
        await Store.RegisterAsync(ScheduleFilesTests.For(ScheduleKind.TaskScheduler), ScheduleKind.TaskScheduler, Cancel);
        await Store.RegisterAsync(ScheduleFilesTests.Web with { Name = "mine" }, ScheduleKind.Systemd, Cancel);
        var units = Path.Combine(_root, "etc", "systemd", "system");
        await File.WriteAllTextAsync(Path.Combine(units, "vpsadmin-backup-.timer"), "", Cancel);
        await File.WriteAllTextAsync(Path.Combine(units, "vpsadmin-backup-a.b.timer"), "", Cancel);
        await File.WriteAllTextAsync(Path.Combine(_root, "ProgramData", "vpsadmin", "backup-tank-backup-web.xml"), "<Task", Cancel);
        File.Delete(Path.Combine(_root, "etc", "vpsadmin", "backup-mine.ps1"));

        var found = Store.List();

        Assert.Equal([("mine", ScheduleKind.Systemd, null), ("tank-backup-web", ScheduleKind.TaskScheduler, "tank/backup/web")], found.Select(static s => (s.Name, s.Kind, s.Filesystem)));
        Assert.Equal("", found[1].When);
    }

    public void Dispose() => Directory.Delete(_root, recursive: true);
}
