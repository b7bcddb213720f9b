namespace VpsAdmin.HaveApi.Authentication;

public sealed class NoAuthentication : IAuthentication
{
    public string Identity => "anonymous";

    public Task<bool> LoginAsync(ILoginSession session, CancellationToken cancel) => Task.FromResult(false);

    public void Authenticate(HttpRequestMessage request) { }

    public Task LogoutAsync(ILoginSession session, CancellationToken cancel) => Task.CompletedTask;
}
