using System.Net;
using System.Text;
using VpsAdmin.Client;
using VpsAdmin.Client.Tests;
using VpsAdmin.HaveApi;
using VpsAdmin.HaveApi.Authentication;

namespace VpsAdmin.Faults.Tests.Fuzzing;

/// <summary>Whatever a server says in place of HaveAPI's JSON is refused as an error of the protocol.</summary>
[Collection(AloneCollection.Name)]
public sealed class ApiFuzzTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Replies_are_read_or_refused()
    {
        using var server = new SpeakingHandler();
        using var client = new VpsAdminClient(await HaveApiClient.ConnectAsync(SpeakingHandler.Address, new NoAuthentication(), null, server, Cancel));
        var seeds = new[] { Say("snapshot_download", Replies.Download), Say("snapshot_downloads", $"[{Replies.Download}]"), Say("user", Replies.User), Say("snapshots", $"[{Replies.Snapshot}]"), Say("dataset", Replies.Dataset) };
        foreach (var ask in (Func<Task<bool>>[])
        [
            async () => await client.GetDownloadAsync(7, Cancel) is not null, async () => (await client.GetDownloadsAsync(42, Cancel)).Count > 0,
            async () => await client.GetCurrentUserAsync(Cancel) is not null, async () => (await client.GetSnapshotsAsync(6, Cancel)).Count > 0,
            async () => await client.GetDatasetAsync(6, Cancel) is not null,
        ])
        {
            await Bounded.ParseAsync(Mutations.Of([.. seeds.Select(Encoding.UTF8.GetBytes)]), reply =>
            {
                server.Reply = reply;
                return ask();
            }, share: 1, typeof(HaveApiException));
        }
    }

    [Fact]
    public async Task Descriptions_are_understood_or_refused()
    {
        var valid = SpeakingHandler.Description("vpsadmin-7.json");
        await Bounded.ParseAsync(Mutations.Of(valid, SpeakingHandler.Description("vpsadmin-2.json")), async description =>
        {
            using var server = new SpeakingHandler { Described = description, Reply = Encoding.UTF8.GetBytes(Say("user", Replies.User)) };
            using var client = new VpsAdminClient(await HaveApiClient.ConnectAsync(SpeakingHandler.Address, new NoAuthentication(), null, server, Cancel));
            await Assert.ThrowsAnyAsync<HaveApiException>(() => client.CreateDownloadAsync(1, 2, ExportFormat.IncrementalStream, sendMail: false, Cancel));
            return await client.GetCurrentUserAsync(Cancel) is not null;
        }, share: 10, typeof(HaveApiException));
    }

    [Fact]
    public async Task Descriptions_that_were_kept_are_used_or_asked_for_again()
    {
        var folder = Directory.CreateTempSubdirectory("vpsadmin-fuzz-");
        try
        {
            var options = new HaveApiClientOptions { DescriptionCache = new(folder.FullName) };
            await AskAsync();
            var kept = Assert.Single(folder.GetFiles()).FullName;
            await Bounded.ParseAsync(Mutations.Of(await File.ReadAllBytesAsync(kept, Cancel)), async bytes =>
            {
                await File.WriteAllBytesAsync(kept, bytes, Cancel);
                return await AskAsync();
            }, share: 10, typeof(HaveApiException));

            // Whether it was used.
            async Task<bool> AskAsync()
            {
                using var server = new SpeakingHandler { Reply = Encoding.UTF8.GetBytes(Say("user", Replies.User)) };
                using var client = new VpsAdminClient(await HaveApiClient.ConnectAsync(SpeakingHandler.Address, new NoAuthentication(), options, server, Cancel));
                Assert.NotNull(await client.GetCurrentUserAsync(Cancel));
                return !server.WasAsked;
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string Say(string name, string value) =>
        $$$"""{"version":"2.0","status":true,"response":{"{{{name}}}":{{{value}}},"_meta":{"action_state_id":5}},"message":null,"errors":{"a":["b"]}}""";

    /// <summary>A server without a network: says the same to every call, and its description to those who ask.</summary>
    private sealed class SpeakingHandler : HttpMessageHandler
    {
        public static readonly Uri Address = new("http://api.example.org/");

        public byte[] Described { get; init; } = Description("vpsadmin-7.json");

        public byte[] Reply { get; set; } = [];

        /// <summary>For its description.</summary>
        public bool WasAsked { get; private set; }

        public static byte[] Description(string name)
        {
            using var file = new StreamReader(typeof(ApiFuzzTests).Assembly.GetManifestResourceStream(name) ?? throw new FileNotFoundException(name));
            return Encoding.UTF8.GetBytes($$"""{"version":"2.0","status":true,"response":{{file.ReadToEnd()}},"message":null,"errors":null}""");
        }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var isDescription = request.Method == HttpMethod.Options;
            WasAsked |= isDescription;
            var said = !isDescription ? Reply
                : request.RequestUri!.AbsolutePath == "/" ? """{"version":"2.0","status":true,"response":{"versions":["7.0"],"default":"7.0"},"message":null,"errors":null}"""u8.ToArray()
                : Described;
            return Task.FromResult(new HttpResponseMessage(HttpStatusCode.OK)
            {
                RequestMessage = request,
                Content = new ByteArrayContent(said) { Headers = { ContentType = new("application/json") } },
            });
        }
    }
}
