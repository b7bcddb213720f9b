using System.Diagnostics;
using System.Globalization;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.NodeHost.Tests.Network;

/// <summary>
/// A second network namespace, with a cable to the one of this process. Nothing of it outlives this process: the kernel takes namespace and cable away when whoever is in it has ended.
/// </summary>
internal sealed class PrivateNetwork : IAsyncDisposable
{
    /// <summary>This end of the cable.</summary>
    public const string Here = "10.93.7.1";

    public const string There = "10.93.7.2";

    private const string Near = "near0";
    private const string Far = "far0";

    private readonly Process _inside;

    private PrivateNetwork(Process inside) => _inside = inside;

    public static async Task<PrivateNetwork> CreateAsync(CancellationToken cancel)
    {
        // It says when it is inside, and ends with this process, whose end of the pipe goes then.
        var inside = Process.Start(new ProcessStartInfo("unshare", ["--net", "sh", "-c", "echo inside; exec cat >/dev/null"]) { RedirectStandardInput = true, RedirectStandardOutput = true })!;
        var network = new PrivateNetwork(inside);
        try
        {
            Assert.Equal("inside", await inside.StandardOutput.ReadLineAsync(cancel));
            await RunAsync("ip", "link", "add", Near, "type", "veth", "peer", "name", Far, "netns", inside.Id.ToString(CultureInfo.InvariantCulture));
            await RunAsync("ip", "address", "add", Here + "/30", "dev", Near);
            await HealAsync();
            foreach (string[] command in new[] { ["address", "add", There + "/30", "dev", Far], ["link", "set", Far, "up"], new[] { "link", "set", "lo", "up" } })
                await RunAsync([.. network.Inside("ip"), .. command]);
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <summary>A command that runs there.</summary>
    public string[] Inside(params string[] command) => ["nsenter", string.Create(CultureInfo.InvariantCulture, $"--net=/proc/{_inside.Id}/ns/net"), .. command];

    /// <summary>Nothing arrives any more, and nobody is told.</summary>
    /// <returns>Whose end heals it: whoever is cut off could not end well.</returns>
    public static async Task<IAsyncDisposable> CutAsync()
    {
        await RunAsync("ip", "link", "set", Near, "down");
        return new Cut();
    }

    private static Task HealAsync() => RunAsync("ip", "link", "set", Near, "up");

    private sealed class Cut : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => new(HealAsync());
    }

    public async ValueTask DisposeAsync()
    {
        _inside.StandardInput.Close();
        await _inside.WaitForExitAsync(CancellationToken.None);
        _inside.Dispose();
    }

    internal static async Task RunAsync(params string[] command)
    {
        await using var process = OwnedProcess.Start(new ProcessSpec(OwnedProcess.Locate(command[0])!, command[1..]));
        var result = await process.Completion;
        if (result.ExitCode != 0)
            throw new InvalidOperationException($"{string.Join(' ', command)} ended with status {result.ExitCode}: {result.StandardError}");
    }
}
