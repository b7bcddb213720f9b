using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using VpsAdmin.Server.Api;
using VpsAdmin.Server.Data;
using VpsAdmin.Server.Downloads;
using VpsAdmin.Server.Hosting;

namespace VpsAdmin.Server.Resources;

internal static class SnapshotDownloadResource
{
    private static readonly IReadOnlyList<string> Formats = ["archive", "stream", "incremental_stream"];

    private static readonly OutputShape<DownloadView> Shape = new(static d => [d.Row.Id],
    [
        new("id", ParameterType.Integer, "ID", static d => d.Row.Id),
        new("user", ParameterType.Resource, "User", static d => new Association([d.Row.UserId], d.Row.User.Login)) { Resource = ["user"], ValueLabel = "login" },
        new("snapshot", ParameterType.Resource, "Snapshot", static d => SnapshotOf(d.Row.Snapshot))
        {
            Resource = ["dataset", "snapshot"], ValueLabel = "created_at", Description = "None when it was destroyed since",
        },
        new("from_snapshot", ParameterType.Resource, "From snapshot", static d => SnapshotOf(d.Row.FromSnapshot))
        {
            Resource = ["dataset", "snapshot"], ValueLabel = "created_at",
        },
        new("format", ParameterType.String, "Format", static d => Formats[(int)d.Row.Format]),
        new("file_name", ParameterType.String, "File name", static d => d.Row.FileName),
        new("url", ParameterType.String, "URL", static d => d.Url) { Description = "Whoever knows it can download the file" },
        new("size", ParameterType.Integer, "Size", static d => d.Row.Size) { Description = "MiB; approximate until the file is ready" },
        new("sha256sum", ParameterType.String, "SHA-256 checksum", static d => d.Row.Sha256Sum),
        new("ready", ParameterType.Boolean, "Ready", static d => d.Row.Confirmed is Confirmed.Yes) { Description = "The file is complete" },
        new("expiration_date", ParameterType.Datetime, "Expiration date", static d => d.Row.ExpirationDate),
    ]);

    public static ApiResource Declare() => new("snapshot_download", "snapshot_downloads", "Files made from snapshots")
    {
        Actions =
        [
            new ApiAction<DownloadView>("index", "GET", "List downloads", Shape, IndexAsync)
            {
                Aliases = ["list"], ReturnsList = true,
                Inputs =
                [
                    .. Paging.Inputs(),
                    new("dataset", ParameterType.Resource, "Dataset") { Resource = ["dataset"], ValueLabel = "name" },
                    SnapshotInput("snapshot", "Snapshot") with { ValueLabel = "label" },
                ],
            },
            new ApiAction<DownloadView>("show", "GET", "Show a download", Shape, ShowAsync) { SubPath = "{snapshot_download_id}", Aliases = ["find"] },
            new ApiAction<DownloadView>("create", "POST", "Make a file from a snapshot", Shape, CreateAsync)
            {
                Aliases = ["new"], Blocking = true, OpenToSuspended = true,
                Inputs =
                [
                    SnapshotInput("snapshot", "Snapshot") with { Required = true },
                    SnapshotInput("from_snapshot", "From snapshot") with { Nullable = true, Description = "Base of an incremental stream" },
                    new("format", ParameterType.String, "Format")
                    {
                        Choices = Formats, Default = Formats[0],
                        Description = "archive: tar.gz of the files; stream: gzip of zfs send; incremental_stream: gzip of zfs send -I",
                    },
                    new("send_mail", ParameterType.Boolean, "Send mail") { Default = true, Description = "Tell the user by mail when the file is ready, or could not be made" },
                ],
                Examples =
                [
                    new("A tar.gz of the files")
                    {
                        Request = new JsonObject { ["snapshot"] = 71 },
                        Response = new JsonObject { ["id"] = 9, ["format"] = "archive", ["file_name"] = "101__2026-06-13T23-00-01.tar.gz", ["ready"] = false },
                    },
                    new("What changed since another snapshot, as a stream for zfs receive")
                    {
                        Request = new JsonObject { ["snapshot"] = 72, ["from_snapshot"] = 71, ["format"] = Formats[2], ["send_mail"] = false },
                        Response = new JsonObject { ["id"] = 10, ["format"] = Formats[2], ["ready"] = false },
                        Comment = "The file can be fetched while it grows; sha256sum and the exact size are there when it is ready.",
                    },
                    new("Snapshots without a common path")
                    {
                        Request = new JsonObject { ["snapshot"] = 72, ["from_snapshot"] = 60, ["format"] = Formats[2] },
                        Message = "snapshot and snapshot2 must share the same history identifier",
                    },
                ],
            },
            new ApiAction<DownloadView>("delete", "DELETE",
                "Remove a download and its file. One that is still being made expires at once and is removed when it is made; there is no action state then.",
                null, DeleteAsync)
            {
                SubPath = "{snapshot_download_id}", Aliases = ["destroy"], Blocking = true,
            },
        ],
    };

    private static InputParameter SnapshotInput(string name, string label) =>
        new(name, ParameterType.Resource, label) { Resource = ["dataset", "snapshot"], ValueLabel = "created_at" };

    private static Association? SnapshotOf(Snapshot? snapshot) =>
        snapshot is null ? null : new Association([snapshot.DatasetId, snapshot.Id], snapshot.CreatedAt);

    private static IQueryable<SnapshotDownload> Downloads(ActionContext context) => context.Database().SnapshotDownloads.VisibleTo(context.Caller)
        .Include(static d => d.User).Include(static d => d.Pool).ThenInclude(static p => p.Node)
        .Include(static d => d.Snapshot).Include(static d => d.FromSnapshot);

    private static async Task<ActionReply<DownloadView>> IndexAsync(ActionContext context)
    {
        var downloads = Downloads(context).Where(static d => d.Confirmed != Confirmed.Destroy);
        if (context.Input.Integer("dataset") is { } dataset)
            downloads = downloads.Where(d => d.Snapshot!.DatasetId == dataset);
        if (context.Input.Integer("snapshot") is { } snapshot)
            downloads = downloads.Where(d => d.SnapshotId == snapshot);
        return View(context, await context.ListAsync(downloads, static d => d.OrderBy(static d => d.Id)).ConfigureAwait(false));
    }

    private static async Task<ActionReply<DownloadView>> ShowAsync(ActionContext context) =>
        View(context, await context.ShowAsync(Downloads(context).Where(d => d.Id == context.PathIds[0])).ConfigureAwait(false));

    private static async Task<ActionReply<DownloadView>> CreateAsync(ActionContext context)
    {
        var request = new DownloadRequest(
            context.Input.Integer("snapshot")!.Value, context.Input.Integer("from_snapshot"), (DownloadFormat)Formats.ToList().IndexOf(context.Input.Text("format")!),
            context.Input.Boolean("send_mail") is true);
        var visible = context.Database().Snapshots.VisibleTo(context.Caller);
        var started = await context.Services.GetRequiredService<DownloadCreation>().StartAsync(visible, request, context.Caller.UserId, context.Cancel)
            .ConfigureAwait(false);
        return View(context, new ActionReply<SnapshotDownload>([started.Value], started.ChainId));
    }

    private static async Task<ActionReply<DownloadView>> DeleteAsync(ActionContext context)
    {
        var visible = context.Database().SnapshotDownloads.VisibleTo(context.Caller).Where(static d => d.Confirmed != Confirmed.Destroy);
        var chainId = await context.Services.GetRequiredService<DownloadRemoval>()
            .StartAsync(visible, context.PathIds[0], context.Caller.UserId, context.Cancel).ConfigureAwait(false);
        return new([], chainId);
    }

    private static ActionReply<DownloadView> View(ActionContext context, ActionReply<SnapshotDownload> reply)
    {
        var baseUrl = context.Services.GetRequiredService<ServerAddress>().BaseUrl;
        return reply.Select(d => new DownloadView(d, DownloadFile.Url(baseUrl, d.Pool, d.SecretKey, d.FileName)));
    }

    private sealed record DownloadView(SnapshotDownload Row, string Url);
}
