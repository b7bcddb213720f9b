using System.Reflection;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>A script with the module's commands, as an administrator runs it, in a process of its own.</summary>
internal static class ModuleScript
{
    /// <param name="data">Folder of the server, with the administrator's password.</param>
    /// <returns>What it wrote, in lines.</returns>
    public static async Task<string[]> RunAsync(string url, string data, string script, CancellationToken cancel)
    {
        var text = $$"""
            $ErrorActionPreference = 'Stop'
            $password = [Net.NetworkCredential]::new('', [IO.File]::ReadAllText('{{data}}/admin-password').Trim()).SecurePassword
            $null = Connect-VpsAdmin {{url}} ([pscredential]::new('admin', $password))
            {{script}}
            """;
        var shell = typeof(ModuleScript).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static a => a.Key == "Shell").Value!;
        await using var process = OwnedProcess.Start(new ProcessSpec(shell, ["-Command", text], RedirectOutput: true));
        using var reader = new StreamReader(process.StandardOutput);
        var output = await reader.ReadToEndAsync(cancel);
        var result = await process.Completion.WaitAsync(cancel);
        Assert.True(result.ExitCode == 0, result.StandardError);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
