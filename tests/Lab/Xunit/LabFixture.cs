using VpsAdmin.Lab;

[assembly: AssemblyFixture(typeof(LabFixture))]

namespace VpsAdmin.Lab;

/// <summary>
/// Keeps the lab running from the first to the last test of the assembly. Compiled into the test projects that name it: the lab itself knows
/// nothing of xunit.
/// </summary>
public sealed class LabFixture : IAsyncLifetime
{
    private ZfsLab? _lab;

    public async ValueTask InitializeAsync() => _lab = await ZfsLab.StartAsync();

    public ValueTask DisposeAsync() => _lab?.DisposeAsync() ?? ValueTask.CompletedTask;

    /// <summary>A pool of one's own; skips the test where there is no lab.</summary>
    public Task<LabPool> CreatePoolAsync(string role)
    {
        Assert.SkipUnless(_lab!.Available, _lab.Reason ?? "");
        return _lab.CreatePoolAsync(role, cancel: TestContext.Current.CancellationToken);
    }
}
