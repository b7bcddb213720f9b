using System.Text;
using VpsAdmin.Client;
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

    private readonly string _folder = Directory.CreateTempSubdirectory("vpsadmin-fuzz-").FullName;

    [Fact]
    public void Output_of_zfs_is_understood_or_refused()
    {
        foreach (var read in (Func<string, bool>[])[static text => ZfsOutput.Filesystems(text).Count > 0, static text => ZfsOutput.Snapshots(text).Count > 0, static text => ZfsOutput.SendSize(text) > 0])
            Bounded.Parse(Mutations.Of(Filesystems, Snapshots, Snapshots + Filesystems, "full\ttank@a\t12\nsize\t4096\n"), static text => text.Length, read, typeof(FormatException));
    }

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
    public void Records_of_parts_are_read_or_are_none()
    {
        var path = Path.Combine(_folder, "saved.part.json");
        var digests = new ChunkDigests(1 << 20);
        digests.Append(new byte[3_000_000]);
        PartRecord.Of(7, new ExportState(new Uri("http://example.org/key/file"), true, null, 3), new ExportRequest(42, 41, ExportFormat.IncrementalStream)).With(digests, null).Write(path);
        File.WriteAllText(Path.Combine(_folder, "saved.part"), "");
        Bounded.Parse(Mutations.Of(File.ReadAllBytes(path)), static bytes => bytes.Length, bytes =>
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
    public void Names_of_a_server_become_names_of_files_or_are_refused() =>
        Bounded.Parse(Mutations.Of("12__a__b.inc.dat.gz", "../../etc/passwd", "CON.tar.gz", "řeka — 🚀.tar.gz", "a\\b:c|d"), static name => name.Length, name =>
        {
            var safe = SafeFileName.From(name);
            Assert.Equal(Path.Combine(_folder, safe), Path.GetFullPath(Path.Combine(_folder, safe)));
            Assert.True(Encoding.UTF8.GetByteCount(safe) is > 0 and <= 201);
            Assert.DoesNotContain(safe, char.IsControl);
            return true;
        }, typeof(TransferException));

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
