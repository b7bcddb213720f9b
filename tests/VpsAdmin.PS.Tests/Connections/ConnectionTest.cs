using System.Management.Automation;
using System.Security;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.Connections;

/// <summary>What tests of connections have at hand: sessions that stand for processes, and a password.</summary>
[Collection(EnvironmentCollection.Name)]
public abstract class ConnectionTest : IDisposable
{
    private protected const string Password = "a-very-secret-password";
    private readonly List<EngineSession> _sessions = [];

    private protected Surroundings Surroundings { get; } = new();

    /// <summary>As a new process would be.</summary>
    private protected EngineSession NewSession()
    {
        var session = new EngineSession();
        _sessions.Add(session);
        return session;
    }

    private protected static PSObject Connect(EngineSession session, FakeVpsAdmin server, string more = "")
    {
        var result = session.Run($"param($Uri, $Credential) Connect-VpsAdmin $Uri $Credential {more}", ("Uri", server.Address), ("Credential", Credential()));
        Assert.Empty(result.Errors.Select(e => e.ToString()));
        return result.Single;
    }

    private protected static PSCredential Credential() => new("jane", Secret(Password));

    private protected static SecureString Secret(string text)
    {
        var secret = new SecureString();
        foreach (var c in text)
            secret.AppendChar(c);
        return secret;
    }

    private protected static IReadOnlyList<string> Completed(EngineSession session, string line) =>
        [.. session.Run("param($Line) (TabExpansion2 $Line $Line.Length).CompletionMatches", ("Line", line)).Output.Select(c => c.Get<string>("CompletionText"))];

    public void Dispose()
    {
        foreach (var session in _sessions)
            session.Dispose();
        Surroundings.Dispose();
        GC.SuppressFinalize(this);
    }
}
