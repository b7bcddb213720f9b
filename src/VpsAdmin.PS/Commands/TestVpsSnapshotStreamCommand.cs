using System.Management.Automation;
using VpsAdmin.PS.Arguments;
using VpsAdmin.PS.Output;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.PS.Commands;

/// <summary>Tells whether files hold whole, sound ZFS streams. Needs neither ZFS nor a server.</summary>
[Cmdlet(VerbsDiagnostic.Test, "VpsSnapshotStream", DefaultParameterSetName = ByPath)]
[OutputType(typeof(bool), typeof(StreamTest))]
public sealed class TestVpsSnapshotStreamCommand : VpsCmdlet
{
    private const string ByPath = "Path";
    private const string ByLiteralPath = "LiteralPath";

    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByPath, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    public string[] Path { get; set; } = null!;

    // FullName: of a FileInfo that no provider has made.
    [Parameter(Mandatory = true, ParameterSetName = ByLiteralPath, ValueFromPipelineByPropertyName = true)]
    [Alias("PSPath", "FullName")]
    [ValidateNotNullOrEmpty]
    public string[] LiteralPath { get; set; } = null!;

    [Parameter(HelpMessage = "Emit what was found out instead of a truth value.")]
    public SwitchParameter Detailed { get; set; }

    protected override void ProcessRecord()
    {
        foreach (var path in ParameterSetName == ByPath ? Path : LiteralPath)
            Attempt(path, () =>
            {
                foreach (var file in ParameterSetName == ByPath ? FilePath.ResolveFiles(this, path) : [FilePath.Literal(this, path)])
                    Attempt(file, () => Test(new FileInfo(file)));
            });
    }

    private void Test(FileInfo file)
    {
        if (!file.Exists)
            throw new VpsAdminException(Errors.FileNotFound, $"There is no file '{file.FullName}'.", file.FullName);
        var test = StreamTest.Of(file, Await((messages, cancel) => ReadAsync(file, messages, cancel)));
        // To ask whether an archive is whole is the wrong question, which False does not say.
        if (test.Verdict == nameof(ReplayFault.NotAStream))
            WriteWarning(test.ToString());
        else
            WriteVerbose(test.ToString());
        WriteObject(Detailed ? test : test.IsComplete, enumerateCollection: false);
    }

    private static async Task<StreamReport> ReadAsync(FileInfo file, PipelineMessages messages, CancellationToken cancel)
    {
        var stream = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0, FileOptions.Asynchronous | FileOptions.SequentialScan);
        await using (stream.ConfigureAwait(false))
        {
            using var bar = new FileBar(messages, Time, $"Testing {file.Name}", file.Length);
            return await StreamFile.TestAsync(stream, bar, cancel).ConfigureAwait(false);
        }
    }
}
