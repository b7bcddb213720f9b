using CsCheck;
using VpsAdmin.HaveApi;
using VpsAdmin.Lab;
using VpsAdmin.Transfer;
using VpsAdmin.Zfs.Replay;

namespace VpsAdmin.Faults.Tests.Cutting;

/// <summary>Whatever goes wrong between a server and here: what is here in the end is right, or is not here.</summary>
public sealed class CutEverywhereTests
{
    /// <summary>What a fault may cost, in bytes that are fetched again.</summary>
    private const int Chunk = 1 << 20;

    /// <summary>Descriptors that may come and go: connections that are kept for the next request, and of an idle thread pool.</summary>
    private const int DescriptorPlay = 24;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_transfer_ends_with_all_that_it_should_have_or_with_nothing_and_says_why()
    {
        // As many first as everything takes to get its size.
        await SampleAsync(Extent.Cases / 5);
        var before = Processes.Descriptors;
        await SampleAsync(Extent.Cases * 4 / 5);
        var after = Processes.Descriptors;
        Assert.True(after <= before + DescriptorPlay, $"{before} descriptors became {after}.");
    }

    private static Task SampleAsync(int cases) => CuttingCase.All.SampleAsync(async its =>
    {
        await using var run = await CuttingRun.StartAsync(its, Cancel);
        await (its.Archive ? SaveAsync(its, run) : SendAsync(its, run, its.ToProgram ? run.Program : new WatchedTarget()));
    }, iter: cases, threads: 1);

    private static async Task SaveAsync(CuttingCase its, CuttingRun run)
    {
        var error = await run.SaveAsync(overwrite: false, Cancel);
        RequireReason(its, error);
        if (its.HasRefusedName)
        {
            Assert.Empty(run.Left);
            return;
        }
        if (error is null)
        {
            await RequireSavedAsync(its, run);
            return;
        }
        // The part and its record together, or nothing; never a file that looks finished.
        Assert.Contains(string.Join(' ', run.Left), new[] { "", "saved.part saved.part.json" });
        if (run.Left.Count == 0)
            RequireToldOf(run);

        // The next run, when the trouble is over, goes on with that.
        run.Heal();
        var again = await run.SaveAsync(overwrite: false, Cancel);
        if (again is TransferException { Failure: TransferFailure.ExportVanished })
            again = await run.SaveAsync(overwrite: true, Cancel);
        if (its.IsDamaged)
        {
            Assert.IsType<TransferException>(again);
            Assert.Empty(run.Left);
            return;
        }
        Assert.Null(again);
        await RequireSavedAsync(its, run);
    }

    private static async Task SendAsync(CuttingCase its, CuttingRun run, IWatchedReader target)
    {
        var error = await run.SendAsync(target.Target, Cancel);
        RequireReason(its, error);
        RequireCheap(run, its.Content.Length);
        Assert.Equal(0, target.Living);
        if (error is null)
        {
            Assert.True(target.IsCommitted);
            Assert.Equal(its.Decoded, target.Got);
            RequireToldOf(run);
            return;
        }
        // Without its end nothing of it can have been committed.
        Assert.False(target.IsCommitted);
        RequireToldOf(run);
        Assert.True(target.Got.Length == 0 || !IsWhole(target.Got), "The reader got the whole stream, and no word that it should not keep it.");
    }

    private static bool IsWhole(byte[] stream)
    {
        var read = new ReplayStream();
        try
        {
            read.Read(stream);
            return read.IsComplete;
        }
        catch (ReplayException)
        {
            return false;
        }
    }

    private static void RequireReason(CuttingCase its, Exception? error)
    {
        if (its.MustEndWell)
            Assert.Null(error);
        if (its.IsDamaged || its.HasRefusedName)
            Assert.NotNull(error);
        Assert.True(error is null or TransferException or HaveApiException, error?.ToString());
        if (its.OnlyFailure is { } failure)
            Assert.Equal(failure, Assert.IsType<TransferException>(error).Failure);
    }

    private static async Task RequireSavedAsync(CuttingCase its, CuttingRun run)
    {
        Assert.Equal(["saved"], run.Left);
        var saved = await File.ReadAllBytesAsync(run.Target, Cancel);
        // One that was made anew in the middle has other bytes; and one that was made anew again when its SHA-256 was told already is what it was then.
        if (its.Files.Any(static f => f.Rewrite))
            Assert.Contains(run.Served, saved.SequenceEqual);
        else
            Assert.Equal(its.Content, saved);
        RequireToldOf(run);
        RequireCheap(run, saved.Length);
    }

    /// <summary>No download is left on the server that nobody told of. Of one whose id never came here nobody can tell.</summary>
    private static void RequireToldOf(CuttingRun run) =>
        Assert.True(run.Downloads.Count == 0 || run.Warning is not null || !run.HasOpened, $"{run.Downloads.Count} downloads are left on the server, and nobody said so.");

    private static void RequireCheap(CuttingRun run, long size)
    {
        var again = run.Fetched - size;
        // As many faults as the server dealt, not as a program says that it met.
        var most = ((long)Chunk * (run.Dealt.Count + 1)) + (size * run.Dealt.Count(CuttingCase.CostsAll));
        Assert.True(again <= most, $"{again} bytes were fetched again for {run.Dealt.Count} faults.");
    }
}
