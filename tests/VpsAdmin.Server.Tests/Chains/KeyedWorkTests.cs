using VpsAdmin.Server.Chains;

namespace VpsAdmin.Server.Tests.Chains;

public sealed class KeyedWorkTests
{
    [Fact]
    public async Task Work_on_different_things_goes_on_at_once_and_on_one_thing_in_its_order()
    {
        var work = new KeyedWork();
        var (first, order) = (new TaskCompletionSource(), new List<string>());
        work.Add(1, async () => { await first.Task; order.Add("first"); });
        work.Add(1, () => { order.Add("second"); return Task.CompletedTask; });
        work.Add(2, () => { order.Add("other"); first.SetResult(); return Task.CompletedTask; });
        await work.EndAsync();
        Assert.Equal(["other", "first", "second"], order);
    }

    [Fact]
    public async Task What_fails_keeps_nothing_from_following()
    {
        var work = new KeyedWork();
        var followed = false;
        work.Add(1, () => throw new InvalidOperationException("one of a kind"));
        work.Add(1, () => { followed = true; return Task.CompletedTask; });
        await work.EndAsync();
        Assert.True(followed);
    }
}
