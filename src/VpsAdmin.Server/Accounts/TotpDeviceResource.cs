using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Resources;

namespace VpsAdmin.Server.Accounts;

/// <summary>Devices for the second step of a login. Nested in the resource of users.</summary>
internal static class TotpDeviceResource
{
    public const string Issuer = "vpsAdmin";

    private static readonly OutputParameter<TotpDevice>[] Common =
    [
        new("id", ParameterType.Integer, "ID", static d => d.Id),
        new("label", ParameterType.String, "Label", static d => d.Label),
        new("confirmed", ParameterType.Boolean, "Confirmed", static d => d.Confirmed) { Description = "A code of it was right once; codes are asked for from then on" },
        new("enabled", ParameterType.Boolean, "Enabled", static d => d.Enabled),
        new("created_at", ParameterType.Datetime, "Created at", static d => d.CreatedAt),
        new("last_use_at", ParameterType.Datetime, "Last use at", static d => d.LastUseAt),
    ];

    private static readonly OutputShape<TotpDevice> Shape = new(static d => [d.UserId, d.Id], Common);

    private static readonly OutputShape<TotpDevice> NewShape = new(static d => [d.UserId, d.Id],
    [
        .. Common,
        new("secret", ParameterType.String, "Secret", static d => d.Secret) { Description = "Base32; told this once" },
        new("provisioning_uri", ParameterType.String, "Provisioning URI", static d => TotpCodes.Uri(d.Secret, d.User.Login, Issuer)) { Description = "For a QR code" },
    ]);

    public static ApiResource Declare() => new("totp_device", "totp_devices", "Devices that make codes for the second step of a login")
    {
        Actions =
        [
            new ApiAction<TotpDevice>("index", "GET", "List devices", Shape,
                static context => context.ListAsync(Devices(context), static d => d.OrderBy(static d => d.Id)))
            {
                Aliases = ["list"], ReturnsList = true, Inputs = Paging.Inputs(),
            },
            new ApiAction<TotpDevice>("show", "GET", "Show a device", Shape,
                static context => context.ShowAsync(Devices(context).Where(d => d.Id == context.PathIds[1])))
            {
                SubPath = "{totp_device_id}", Aliases = ["find"],
            },
            new ApiAction<TotpDevice>("create", "POST", "Add a device; it counts once it is confirmed", NewShape, CreateAsync)
            {
                Aliases = ["new"], Inputs = [new("label", ParameterType.String, "Label") { Required = true, Rules = [new LengthRule(1, 100)] }],
            },
            new ApiAction<TotpDevice>("confirm", "POST", "Confirm a device by a code of it", Shape, ConfirmAsync)
            {
                SubPath = "{totp_device_id}/confirm", Inputs = [new("code", ParameterType.String, "Code") { Required = true, Protected = true }],
            },
            new ApiAction<TotpDevice>("update", "PUT", "Rename a device, or stop asking for its codes", Shape, UpdateAsync)
            {
                SubPath = "{totp_device_id}",
                Inputs =
                [
                    new("label", ParameterType.String, "Label") { Rules = [new LengthRule(1, 100)] },
                    new("enabled", ParameterType.Boolean, "Enabled"),
                ],
            },
            new ApiAction<object>("delete", "DELETE", "Delete a device", null, DeleteAsync) { SubPath = "{totp_device_id}", Aliases = ["destroy"] },
        ],
    };

    /// <summary>Administrators may take away the device of somebody who has lost it.</summary>
    private static IQueryable<TotpDevice> Devices(ActionContext context)
    {
        var userId = context.PathIds[0];
        return context.Caller.IsAdmin || context.Caller.UserId == userId
            ? context.Database().TotpDevices.Where(d => d.UserId == userId)
            : throw ActionRefusedException.NotFound();
    }

    private static async Task<ActionReply<TotpDevice>> CreateAsync(ActionContext context)
    {
        var db = context.Database();
        if (context.PathIds[0] != context.Caller.UserId) throw ActionRefusedException.NotFound();
        var device = new TotpDevice
        {
            User = await db.Users.SingleAsync(u => u.Id == context.Caller.UserId, context.Cancel).ConfigureAwait(false),
            UserId = context.Caller.UserId, Label = context.Input.Text("label")!, Secret = TotpCodes.NewSecret(),
            CreatedAt = context.Services.GetRequiredService<TimeProvider>().GetUtcNow(),
        };
        db.TotpDevices.Add(device);
        await db.SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        return new([device]);
    }

    private static async Task<ActionReply<TotpDevice>> ConfirmAsync(ActionContext context)
    {
        var device = await FindAsync(context).ConfigureAwait(false);
        var now = context.Services.GetRequiredService<TimeProvider>().GetUtcNow();
        device.LastStep = TotpCodes.StepOf(device.Secret, context.Input.Text("code")!, now) is { } step && step > device.LastStep
            ? step
            : throw ActionRefusedException.Refused("invalid totp code");
        (device.Confirmed, device.Enabled, device.LastUseAt) = (true, true, now);
        await context.Database().SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        return new([device]);
    }

    private static async Task<ActionReply<TotpDevice>> UpdateAsync(ActionContext context)
    {
        var device = await FindAsync(context).ConfigureAwait(false);
        device.Label = context.Input.Text("label") ?? device.Label;
        device.Enabled = context.Input.Boolean("enabled") ?? device.Enabled;
        if (device is { Enabled: true, Confirmed: false }) throw ActionRefusedException.Invalid("enabled", "confirm the device first");
        await context.Database().SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        return new([device]);
    }

    private static async Task<ActionReply<object>> DeleteAsync(ActionContext context)
    {
        var device = await FindAsync(context).ConfigureAwait(false);
        context.Database().TotpDevices.Remove(device);
        await context.Database().SaveChangesAsync(context.Cancel).ConfigureAwait(false);
        return new([]);
    }

    private static async Task<TotpDevice> FindAsync(ActionContext context) =>
        await Devices(context).SingleOrDefaultAsync(d => d.Id == context.PathIds[1], context.Cancel).ConfigureAwait(false)
        ?? throw ActionRefusedException.NotFound();
}
