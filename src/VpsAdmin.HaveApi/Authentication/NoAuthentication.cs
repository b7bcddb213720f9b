namespace VpsAdmin.HaveApi.Authentication;

public sealed class NoAuthentication : IAuthentication
{
    public Task LoginAsync(ILoginSession session, CancellationToken cancel) => Task.CompletedTask;

    public void Authenticate(HttpRequestMessage request) { }

    public Task LogoutAsync(ILoginSession session, CancellationToken cancel) => Task.CompletedTask;
}
