namespace VpsAdmin.PS.Servers;

/// <summary>What to start. No secret is an argument: the server makes the administrator's password and keeps it in its data folder.</summary>
/// <param name="Program">Full path. A script has to <c>exec</c> the server: it is known by its process id.</param>
/// <param name="Pool">Pool or filesystem for the servers' datasets, such as <c>tank/vps</c>.</param>
/// <param name="Listen">Address to listen on; port 0 lets the system choose.</param>
internal sealed record ServerStart(string Program, string DataPath, string Pool, Uri Listen)
{
    public IReadOnlyList<string> Arguments =>
        ["serve", "--data", DataPath, "--urls", Listen.GetLeftPart(UriPartial.Authority), "--pool", Pool, "--exit-with-stdin"];
}
