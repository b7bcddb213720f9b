using System.Diagnostics;
using System.Globalization;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.NodeHost.Tests.Network;

/// <summary>
/// Runs <see cref="PartitionedExports"/> and <see cref="PartitionedWrites"/> where their network is their own: in a process of this program in a new network namespace, which goes with it.
/// </summary>
public sealed class PartitionTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>In which tests that are told to end put everything away.</summary>
    private static readonly TimeSpan EndPatience = TimeSpan.FromMinutes(1);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public Task Exports_outlive_a_network_that_is_cut_and_healed() => RunAsync(typeof(PartitionedExports), tests: 2);

    [Fact]
    public Task Others_can_write_when_a_server_is_cut_off_in_the_middle_of_a_transaction() => RunAsync(typeof(PartitionedWrites), tests: 1);

    private static async Task RunAsync(Type partitioned, int tests)
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root makes network namespaces.");
        Assert.SkipWhen(OwnedProcess.Locate("ip") is null, "There is no program ip; Debian has it in the package iproute2.");
        Assert.SkipUnless(await RunAsync("true") is (0, _), "No network namespace can be made here.");
        var (status, output) = await RunAsync(
            "sh", "-c", "ip link set lo up && exec \"$@\"", "sh", Host, typeof(PartitionTests).Assembly.Location, "-noColor", "-explicit", "only", "-class", partitioned.FullName!);
        Assert.True(status == 0, output);
        Assert.SkipUnless(output.Contains("Skipped: 0", StringComparison.Ordinal), output);
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"Total: {tests},"), output, StringComparison.Ordinal);
    }

    private static string Host => Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) is "dotnet" ? host : "dotnet";

    private static async Task<(int Status, string Output)> RunAsync(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo("unshare", ["--net", .. command]) { RedirectStandardOutput = true })!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(Cancel).WaitAsync(Patience, Cancel);
            await process.WaitForExitAsync(Cancel);
            return (process.ExitCode, output);
        }
        finally
        {
            if (!process.HasExited)
                await EndAsync(process);
        }
    }

    private static async Task EndAsync(Process process)
    {
        await PrivateNetwork.RunAsync("kill", "-s", "INT", process.Id.ToString(CultureInfo.InvariantCulture));
        try
        {
            await process.WaitForExitAsync(CancellationToken.None).WaitAsync(EndPatience, CancellationToken.None);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }
    }
}
