using System.Management.Automation;
using System.Net.Http.Json;
using System.Security;
using System.Text.Json;
using VpsAdmin.PS.Tests.Engine;

namespace VpsAdmin.PS.Tests.EndToEnd;

/// <summary>A server of the tests, as its administrator reaches it.</summary>
/// <param name="Uri">Of the API.</param>
/// <param name="DataPath">Its folder, which has the administrator's password.</param>
internal sealed record LabServer(string Uri, string DataPath)
{
    public string Password => File.ReadAllText(Path.Combine(DataPath, "admin-password")).Trim();

    public PSCredential Credential()
    {
        var password = new SecureString();
        foreach (var c in Password)
            password.AppendChar(c);
        return new PSCredential("admin", password);
    }

    /// <summary>A session of the administrator.</summary>
    public EngineSession Connect()
    {
        var session = new EngineSession();
        var connected = session.Run("param($Uri, $Credential) Connect-VpsAdmin $Uri $Credential", ("Uri", Uri), ("Credential", Credential()));
        Assert.Empty(connected.Errors);
        return session;
    }

    /// <summary>A token of the administrator.</summary>
    public async Task<string> TokenAsync()
    {
        using var http = new HttpClient { BaseAddress = new Uri(Uri) };
        using var reply = await http.PostAsJsonAsync(
            "/_auth/token/tokens", new { token = new { user = "admin", password = Password, lifetime = "renewable_auto" } }, TestContext.Current.CancellationToken);
        using var content = JsonDocument.Parse(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return content.RootElement.GetProperty("response").GetProperty("token").GetProperty("token").GetString()!;
    }
}
