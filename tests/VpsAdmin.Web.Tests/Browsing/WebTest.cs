using System.Text.Json.Nodes;
using Microsoft.Playwright;
using OtpNet;
using VpsAdmin.Client;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Web.Tests.Browsing;

/// <summary>Tests against one server, one after the other.</summary>
public abstract class WebTest(RealServer server, Browser browser)
{
    protected RealServer Server { get; } = server;

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    protected async Task<Visit> VisitAsync(ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900)
    {
        Server.Require();
        return await browser.VisitAsync(Server.Url, scheme, width, height);
    }

    protected async Task<Visit> AsAdministratorAsync(ColorScheme scheme = ColorScheme.Light, int width = 1280, int height = 900)
    {
        var visit = await VisitAsync(scheme, width, height);
        await visit.SignInAsync("admin", Server.AdminPassword);
        await Assertions.Expect(visit.Heading).ToHaveTextAsync("Overview");
        return visit;
    }

    /// <returns>Their password.</returns>
    protected async Task<string> AddUserAsync(string login)
    {
        var password = login + "-password";
        await Server.Admin.Api.CallAsync("user#create", Array.Empty<long>(), new JsonObject { ["login"] = login, ["password"] = password }, null, Cancel);
        return password;
    }

    /// <summary>A device whose codes are asked for from now on. One of them is used up.</summary>
    protected async Task<Totp> AddDeviceAsync(string login, string password)
    {
        var api = (await Server.ConnectAsync(login, password)).Api;
        var me = (await api.CallAsync("user#current", Array.Empty<long>(), null, null, Cancel)).Object!["id"]!.GetValue<long>();
        var device = (await api.CallAsync("user.totp_device#create", [me], new JsonObject { ["label"] = "phone" }, null, Cancel)).Object!;
        var totp = new Totp(Base32Encoding.ToBytes(device["secret"]!.GetValue<string>()));
        await api.CallAsync("user.totp_device#confirm", [me, device["id"]!.GetValue<long>()], new JsonObject { ["code"] = totp.ComputeTotp() }, null, Cancel);
        return totp;
    }

    protected async Task WriteAsync(string dataset, string file, int bytes)
    {
        var content = new byte[bytes];
        new Random(bytes).NextBytes(content);
        await File.WriteAllBytesAsync(Path.Combine(await Server.FolderAsync(dataset), file), content, Cancel);
    }

    protected async Task<Dataset> RootOfNewVpsAsync(string hostname)
    {
        var vps = await Server.CreateVpsAsync(hostname);
        return await Server.Admin.GetDatasetAsync(vps.Dataset!.Id, Cancel);
    }
}
