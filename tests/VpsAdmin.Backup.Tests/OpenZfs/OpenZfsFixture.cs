using VpsAdmin.Lab;

namespace VpsAdmin.Backup.Tests.OpenZfs;

/// <summary>A guest for the tests of one class, booted when the first of them runs.</summary>
public sealed class OpenZfsFixture : IAsyncLifetime
{
    public OpenZfsGuest Guest { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Guest = await OpenZfsGuest.StartAsync();

    public ValueTask DisposeAsync() => Guest?.DisposeAsync() ?? ValueTask.CompletedTask;
}
