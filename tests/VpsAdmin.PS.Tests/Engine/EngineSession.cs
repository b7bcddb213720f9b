using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace VpsAdmin.PS.Tests.Engine;

/// <summary>A fresh runspace with the built module imported: what a person at a prompt has, and no more.</summary>
internal sealed class EngineSession : IDisposable
{
    private readonly Runspace _runspace;

    public EngineSession(bool import = true)
    {
        // Nothing of this machine's modules: the module must do with the engine alone.
        Environment.SetEnvironmentVariable("PSModulePath", "");
        Host = new CapturingHost();
        _runspace = RunspaceFactory.CreateRunspace(Host, InitialSessionState.CreateDefault2());
        _runspace.Open();
        // The engine prepares it for every native command that is piped into, but it is in a module that the bare engine lacks.
        Run("function global:Out-String { param([switch] $Stream) process { $_ } }");
        if (import)
            Assert.Equal("", string.Join("\n", Run("param($Path) Import-Module $Path", ("Path", Repository.Manifest)).Errors.Select(e => e.Exception.ToString())));
    }

    public CapturingHost Host { get; }

    /// <summary>Runs a script to its end; non-terminating errors are in the result, a terminating one is thrown.</summary>
    public RunResult Run(string script, params (string Name, object? Value)[] parameters)
    {
        using var shell = Prepare(script, parameters);
        var output = shell.Invoke();
        return new RunResult(output, shell.Streams);
    }

    /// <summary>The error that ends the script's statement; other errors do not count.</summary>
    public ErrorRecord Terminating(string script, params (string Name, object? Value)[] parameters)
    {
        var declared = string.Join(", ", parameters.Select(p => "$" + p.Name));
        var result = Run($"param({declared}) try {{ $null = {script} }} catch {{ $_ }}", parameters);
        Assert.Empty(result.Errors.Select(e => e.ToString()));
        return Assert.IsType<ErrorRecord>(result.Single.BaseObject);
    }

    public PowerShell Prepare(string script, params (string Name, object? Value)[] parameters)
    {
        var shell = PowerShell.Create(_runspace).AddScript(script);
        foreach (var (name, value) in parameters)
            shell.AddParameter(name, value);
        return shell;
    }

    /// <summary>What a prompt would show for the script's output.</summary>
    public string Render(string script, params (string Name, object? Value)[] parameters)
    {
        Host.Clear();
        using var shell = Prepare(script, parameters).AddCommand("Out-Default");
        shell.Invoke();
        return Host.Text;
    }

    public void Dispose() => _runspace.Dispose();
}

internal sealed class RunResult(Collection<PSObject> output, PSDataStreams streams)
{
    public Collection<PSObject> Output { get; } = output;
    public IReadOnlyList<ErrorRecord> Errors { get; } = [.. streams.Error];
    public IReadOnlyList<string> Warnings { get; } = [.. streams.Warning.Select(w => w.Message)];
    public IReadOnlyList<string> Verbose { get; } = [.. streams.Verbose.Select(w => w.Message)];
    public IReadOnlyList<ProgressRecord> Progress { get; } = [.. streams.Progress];

    /// <summary>The only object that came out.</summary>
    public PSObject Single => Assert.Single(Output);

    /// <summary>The only error, by the first part of its id.</summary>
    public string ErrorId => Assert.Single(Errors).Id();
}

internal static class PSObjectExtensions
{
    /// <summary>The part of the full id that scripts test for.</summary>
    public static string Id(this ErrorRecord error) => error.FullyQualifiedErrorId.Split(',')[0];

    public static T Get<T>(this PSObject value, string property) =>
        (T)LanguagePrimitives.ConvertTo(value.Properties[property].Value, typeof(T), CultureInfo.InvariantCulture);
}
