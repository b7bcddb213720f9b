using VpsAdmin.Lab;

namespace VpsAdmin.Zfs.Tests.OpenZfs;

/// <summary>One guest for all tests of the collection, booted when the first of them runs.</summary>
public sealed class OpenZfsFixture : IAsyncLifetime
{
    public OpenZfsGuest Guest { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Guest = await OpenZfsGuest.StartAsync();

    public ValueTask DisposeAsync() => Guest?.DisposeAsync() ?? ValueTask.CompletedTask;
}

[CollectionDefinition(Name)]
public sealed class OnOpenZfs : ICollectionFixture<OpenZfsFixture>
{
    public const string Name = "OpenZFS";
}
