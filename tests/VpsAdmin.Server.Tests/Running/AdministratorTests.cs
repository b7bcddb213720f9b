using VpsAdmin.HaveApi;

namespace VpsAdmin.Server.Tests.Running;

/// <summary>A server for each test, whose node is the test's, and an administrator who is logged in to it.</summary>
public abstract class AdministratorTests : IAsyncLifetime
{
    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected RunningServer Server { get; private set; } = null!;

    protected HaveApiClient Api { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await RunningServer.StartAsync();
        Api = await Server.ConnectAsAdministratorAsync();
        await PrepareAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await Server.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    /// <summary>What all tests of the class find there.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;
}
