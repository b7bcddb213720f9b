using System.Text;
using VpsAdmin.Client;
using VpsAdmin.Client.Connections;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Transfer;
using VpsAdmin.Transfer.Sinks;
using VpsAdmin.Zfs;

namespace VpsAdmin.Faults.Tests.Fuzzing;

/// <summary>What programs print and files hold that others may have written.</summary>
public sealed class TextFuzzTests : IDisposable
{
    private const string Filesystems =
        "tank\ttype\tfilesystem\ntank\tmountpoint\t/tank\ntank\tmounted\tyes\ntank\treadonly\toff\ntank\tused\t1024\ntank\treferenced\t512\ntank\tavailable\t99\ntank\torigin\ttank/x@s\n";

    private const string Snapshots =
        "tank@a\ttype\tsnapshot\ntank@a\tguid\t1234567890123456789\ntank@a\tcreation\t1772409600\ntank@a\tcreatetxg\t17\ntank@a\tuserrefs\t1\ntank@a\treferenced\t512\n";

    private const string Token =
        "resume token contents:\nnvlist version: 0\n\tobject = 0x2\n\toffset = 0x20000\n\tbytes = 0x1dd4c\n\ttoguid = 0x8f5d1f0c0e8a7c11\n\ttoname = tank/a@2026-03-01T00:00:00\n";

    private const string Usage =
        "usage: zfs command args ...\nwhere 'command' is one of the following:\n\n\tbookmark <snapshot> <bookmark>\n\n\tsnapshot|snap [-r] [-o property=value] ... <filesystem@snapname> ...\n\n" +
        "\tsend [-DnPpRvLecwhb] [-[i|I] snapshot] <snapshot>\n\tsend [-nvPe] -t <receive_resume_token>\n\n\treceive [-vMnsFhu] [-o <property>=<value>] ... [-x <property>] ...\n\t    <filesystem|volume|snapshot>\n\n" +
        "\tlist [-Hp] [-r|-d max] [-o property[,...]]\n";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-fuzz-").FullName;

    [Fact]
    public async Task Output_of_zfs_is_understood_or_refused()
    {
        foreach (var read in (Func<string, bool>[])
        [
            static text => ZfsOutput.Filesystems(text).Count > 0, static text => ZfsOutput.Snapshots(text).Count > 0, static text => ZfsOutput.SendSize(text) > 0,
            static text => ZfsOutput.Pairs(text).Count > 0, static text => ResumeToken.Parse(text) is { ToGuid: > 0 },
        ])
        {
            await Bounded.ParseAsync(Mutations.Of(Filesystems, Snapshots, Snapshots + Filesystems, "full\ttank@a\t12\nsize\t4096\n", Token), static text => text.Length, read, typeof(FormatException));
        }
    }

    [Fact]
    public Task What_zfs_can_do_is_read_off_its_usage_or_it_is_no_zfs() =>
        Bounded.ParseAsync(Mutations.Of(Usage), static text => text.Length, static text => ZfsUsage.Parse(text).ReceiveResumable, typeof(FormatException));

    [Fact]
    public void A_value_that_looks_like_a_row_is_refused() =>
        Assert.Throws<FormatException>(static () => ZfsOutput.Pairs("tank\tfirst line\ntank\tsecond line\n"));

    [Theory]
    [InlineData("creation", "999999999999999999")]
    [InlineData("userrefs", "99999999999")]
    [InlineData("guid", "99999999999999999999999")]
    public void A_number_that_is_none_of_its_kind_is_refused(string property, string number)
    {
        var text = string.Join('\n', Snapshots.Split('\n').Select(line => line.Contains($"\t{property}\t", StringComparison.Ordinal) ? $"tank@a\t{property}\t{number}" : line));
        Assert.Throws<FormatException>(() => ZfsOutput.Snapshots(text));
    }

    [Fact]
    public async Task Records_of_parts_are_read_or_are_none()
    {
        var path = Path.Combine(_folder, "saved.part.json");
        var digests = new ChunkDigests(1 << 20);
        digests.Append(new byte[3_000_000]);
        PartRecord.Of(7, new ExportState(new Uri("http://example.org/key/file"), true, null, 3), new ExportRequest(42, 41, ExportFormat.IncrementalStream)).With(digests, null).Write(path);
        await File.WriteAllTextAsync(Path.Combine(_folder, "saved.part"), "", Cancel);
        await Bounded.ParseAsync(Mutations.Of(await File.ReadAllBytesAsync(path, Cancel)), static bytes => bytes.Length, bytes =>
        {
            File.WriteAllBytes(path, bytes);
            var unfinished = UnfinishedTransfer.TryRead(Path.Combine(_folder, "saved"));
            if (PartRecord.TryRead(path) is not { } record)
                return false;
            Assert.Equal(record.Chunks.Count, (record.Length + record.ChunkSize - 1) / record.ChunkSize);
            return unfinished is not null;
        });
    }

    [Fact]
    public Task Names_of_a_server_become_names_of_files_or_are_refused() =>
        Bounded.ParseAsync(Mutations.Of("12__a__b.inc.dat.gz", "../../etc/passwd", "CON.tar.gz", "řeka — 🚀.tar.gz", "a\\b:c|d"), static name => name.Length, name =>
        {
            var safe = SafeFileName.From(name);
            Assert.Equal(Path.Combine(_folder, safe), Path.GetFullPath(Path.Combine(_folder, safe)));
            Assert.True(Encoding.UTF8.GetByteCount(safe) is > 0 and <= 201);
            Assert.DoesNotContain(safe, char.IsControl);
            return true;
        }, typeof(TransferException));

    [Fact]
    public async Task Saved_connections_are_read_or_the_file_is_said_to_be_damaged()
    {
        var store = new SavedConnectionStore(_folder, TimeProvider.System);
        await store.UpdateAsync(static none => none.With(new SavedConnection("work", new Uri("https://api.example.org/"), "admin", 1, "token", null, new SavedTerms(TokenLifetime.RenewableAuto, TimeSpan.FromHours(1), DateTimeOffset.UnixEpoch, null), null)), Cancel);
        await Bounded.ParseAsync(Mutations.Of(await File.ReadAllBytesAsync(store.FilePath, Cancel)), static bytes => bytes.Length, bytes =>
        {
            File.WriteAllBytes(store.FilePath, bytes);
            return store.Read().All.Count > 0;
        }, typeof(SavedConnectionException));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
