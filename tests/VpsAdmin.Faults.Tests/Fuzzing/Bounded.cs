using CsCheck;
using VpsAdmin.Lab;

namespace VpsAdmin.Faults.Tests.Fuzzing;

/// <summary>Runs a parser over many inputs: it may refuse them as it is documented to, and in no other way, and may not take memory without measure.</summary>
internal static class Bounded
{
    /// <summary>Bytes that a parser may allocate for each byte of its input, and once.</summary>
    private const int PerByte = 1000;
    private const int Once = 2 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <param name="parse">True: it took it for something; false: for nothing.</param>
    /// <param name="refusals">The exceptions that it documents.</param>
    public static async Task ParseAsync<T>(Gen<T> inputs, Func<T, int> length, Func<T, bool> parse, params Type[] refusals)
    {
        var (accepted, begun, last) = (0, 0, default(T));
        var all = Task.Run(() => inputs.Sample(input =>
        {
            (begun, last) = (begun + 1, input);
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                if (parse(input))
                    accepted++;
            }
            catch (Exception e) when (refusals.Any(r => r.IsInstanceOfType(e)))
            {
                // As it is documented.
            }
            RequireMeasure(GC.GetAllocatedBytesForCurrentThread() - before, length(input));
        }, iter: Extent.Inputs, threads: 1));
        await RequireProgressAsync(all, () => Volatile.Read(ref begun), () => last);
        Assert.True(accepted > 0, "Everything was refused: what this tests is something else.");
    }

    /// <summary>The same on any threads: memory is that of the process, so that nothing may run beside (<see cref="AloneCollection"/>).</summary>
    /// <param name="share">One of so many inputs, for what takes longer.</param>
    public static async Task ParseAsync(Gen<byte[]> inputs, Func<byte[], Task<bool>> parse, int share, params Type[] refusals)
    {
        var accepted = 0;
        await inputs.SampleAsync(async input =>
        {
            var before = GC.GetTotalAllocatedBytes(precise: true);
            try
            {
                if (await parse(input).WaitAsync(Patience))
                    accepted++;
            }
            catch (Exception e) when (refusals.Any(r => r.IsInstanceOfType(e)))
            {
                // As it is documented.
            }
            RequireMeasure(GC.GetTotalAllocatedBytes(precise: true) - before, input.Length);
        }, iter: Math.Max(Extent.Inputs / share, 100), threads: 1);
        Assert.True(accepted > 0, "Everything was refused: what this tests is something else.");
    }

    /// <summary>A parser that hangs cannot be ended: the test is.</summary>
    private static async Task RequireProgressAsync<T>(Task all, Func<int> begun, Func<T?> last)
    {
        for (var before = -1; ; before = begun())
        {
            try
            {
                await all.WaitAsync(Patience);
                return;
            }
            catch (TimeoutException)
            {
                Assert.True(begun() != before, $"It does not come to an end with {(last() is byte[] bytes ? Convert.ToBase64String(bytes) : last())}.");
            }
        }
    }

    private static void RequireMeasure(long taken, int length) =>
        Assert.True(taken <= Once + ((long)length * PerByte), $"{taken} bytes of memory for {length} of input.");
}
