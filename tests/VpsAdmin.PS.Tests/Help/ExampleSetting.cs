namespace VpsAdmin.PS.Tests.Help;

/// <summary>What an example needs besides a server and pools.</summary>
[Flags]
internal enum ExampleNeed
{
    Nothing = 0,
    /// <summary>LXC: the VPSes have systems, and run.</summary>
    Systems = 1,
    SecondNode = 2,
    /// <summary>The cmdlets that pwsh has beside the engine.</summary>
    Pwsh = 4,
    /// <summary>PostgreSQL.</summary>
    Database = 8,
}

/// <summary>How it is when an example of a cmdlet's page is run, in the words of the pages: VPS 101, tank, plan 5.</summary>
/// <param name="Before">What was done before.</param>
/// <param name="Then">What is true afterwards; empty: only that there was no error.</param>
/// <param name="Arguments">Of an example that is a script with parameters.</param>
internal sealed record ExampleSetting(ExampleNeed Need = ExampleNeed.Nothing, string Before = "", string Then = "", string Arguments = "");
