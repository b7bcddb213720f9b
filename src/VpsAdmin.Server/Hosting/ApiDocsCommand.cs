using System.CommandLine;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Hosting;

/// <summary><c>vpsadmin-server api-docs</c></summary>
internal static class ApiDocsCommand
{
    public static string Page => ApiPage.Write($"/v{new HaveApiOptions().ApiVersion}", AllResources.List);

    public static Command Create()
    {
        var command = new Command("api-docs", "Prints the page docs/api.md.");
        command.SetAction(static async (_, cancel) =>
        {
            await Console.Out.WriteAsync(Page.AsMemory(), cancel).ConfigureAwait(false);
            return 0;
        });
        return command;
    }
}
