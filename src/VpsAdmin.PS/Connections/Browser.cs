using System.ComponentModel;
using VpsAdmin.PS.Pipeline;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.PS.Connections;

/// <summary>Shows a login page to the user.</summary>
internal static class Browser
{
    /// <summary>Always in words too: there may be no browser here, or on another machine only.</summary>
    public static void Open(Uri page, PipelineMessages messages)
    {
        messages.Show($"Log in with your browser: {page.AbsoluteUri}");
        if (Opener(page.AbsoluteUri) is not { } opener)
            return;
        try
        {
            _ = WatchAsync(OwnedProcess.Start(opener));
        }
        catch (Win32Exception e)
        {
            messages.Verbose($"No browser was started: {e.Message}");
        }
    }

    private static ProcessSpec? Opener(string page)
    {
        if (OperatingSystem.IsWindows())
            return new ProcessSpec("rundll32.exe", ["url.dll,FileProtocolHandler", page]);
        if (OperatingSystem.IsMacOS())
            return new ProcessSpec("open", [page]);
        var hasScreen = Environment.GetEnvironmentVariable("DISPLAY") ?? Environment.GetEnvironmentVariable("WAYLAND_DISPLAY");
        return string.IsNullOrEmpty(hasScreen) ? null : new ProcessSpec("xdg-open", [page]);
    }

    private static async Task WatchAsync(OwnedProcess opener)
    {
        await using (opener.ConfigureAwait(false))
            await opener.Completion.ConfigureAwait(false);
    }
}
