namespace VpsAdmin.PS.Servers;

/// <summary>What to start. No secret is an argument: the server makes the administrator's password and keeps it in its data folder.</summary>
/// <param name="Program">Full path of a program, or of a <c>.dll</c> that <c>dotnet</c> runs. A script has to <c>exec</c> the server: it is known by its process id.</param>
/// <param name="Pool">Pool or filesystem for the servers' datasets, such as <c>tank/vps</c>.</param>
/// <param name="Listen">Address to listen on; port 0 lets the system choose.</param>
internal sealed record ServerStart(string Program, string DataPath, string Pool, Uri Listen)
{
    /// <summary>Program and arguments.</summary>
    public IReadOnlyList<string> Command =>
    [
        .. ServerProgram.Command(Program),
        "serve", "--data", DataPath, "--urls", Listen.GetLeftPart(UriPartial.Authority), "--pool", Pool, "--exit-with-stdin",
    ];
}
