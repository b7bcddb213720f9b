using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using CsCheck;
using VpsAdmin.Faults.Tests.Fuzzing;
using VpsAdmin.HaveApi.Authentication;
using VpsAdmin.Lab;
using VpsAdmin.Server.Tests.Running;

namespace VpsAdmin.Server.Tests.Api;

/// <summary>Whatever is asked of the server is done or refused; it never fails, and says each time what HaveAPI says. How often: <see cref="Extent.Inputs"/>, a twentieth of it.</summary>
public sealed class FuzzedRequestTests
{
    private static readonly (HttpMethod Method, string Path, string Input)[] Requests =
    [
        (HttpMethod.Post, "v7.0/vpses", """{"vps":{"hostname":"web.example.org","memory":64},"_meta":{"includes":"dataset"}}"""),
        (HttpMethod.Put, "v7.0/vpses/101", """{"vps":{"hostname":"web.example.org"}}"""),
        (HttpMethod.Post, "v7.0/datasets", """{"dataset":{"name":"var","dataset":1,"refquota":1024}}"""),
        (HttpMethod.Post, "v7.0/datasets/1/snapshots", """{"snapshot":{"label":"before the update"}}"""),
        (HttpMethod.Post, "v7.0/snapshot_downloads", """{"snapshot_download":{"snapshot":1,"format":"incremental_stream","from_snapshot":2,"send_mail":false}}"""),
        (HttpMethod.Get, "v7.0/datasets", "dataset[limit]=5&dataset[from_id]=1&_meta[count]=1&_meta[includes]=user,parent__user"),
        (HttpMethod.Get, "v7.0/transaction_chains", "transaction_chain[limit]=100&transaction_chain[state]=done&_meta[no]=1"),
        (HttpMethod.Get, "v7.0/action_states", "action_state[order]=oldest&action_state[limit]=3&_meta[count]=true"),
    ];

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Requests_are_answered_whatever_they_bring()
    {
        await using var server = await RunningServer.StartAsync();
        using var admin = await server.ConnectAsAdministratorAsync();
        using var http = new HttpClient { BaseAddress = server.Url, Timeout = TimeSpan.FromMinutes(1) };
        http.DefaultRequestHeaders.Add("X-HaveAPI-Auth-Token", ((TokenAuthentication)admin.Authentication).Token);
        await server.AddSnapshotAsync(await server.AddDatasetAsync("101"), "2026-06-13T23:00:01");
        var good = 0;
        var inputs =
            from request in Gen.Int[0, Requests.Length - 1]
            from input in Mutations.Of(Encoding.UTF8.GetBytes(Requests[request].Input))
            select (request, input);
        await inputs.SampleAsync(async drawn =>
        {
            using var request = Request(Requests[drawn.request], drawn.input);
            using var answer = await http.SendAsync(request, Cancel);
            Assert.InRange((int)answer.StatusCode, 200, 499);
            var said = JsonNode.Parse(await answer.Content.ReadAsByteArrayAsync(Cancel))!.AsObject();
            // HaveAPI refuses input with 200.
            var isDone = (bool)said["status"]!;
            Assert.True(answer.StatusCode is HttpStatusCode.OK || !isDone);
            good += isDone ? 1 : 0;
        }, iter: Math.Max(Extent.Inputs / 20, 100), threads: 1, print: static drawn => $"{Requests[drawn.request].Path}: {Encoding.Latin1.GetString(drawn.input)}");
        Assert.True(good > 0, "Everything was refused: what this tests is something else.");
    }

    private static HttpRequestMessage Request((HttpMethod Method, string Path, string Input) of, byte[] input)
    {
        if (of.Method == HttpMethod.Get)
            return new HttpRequestMessage(of.Method, new Uri($"{of.Path}?{Query(input)}", UriKind.Relative));
        return new HttpRequestMessage(of.Method, new Uri(of.Path, UriKind.Relative))
        {
            Content = new ByteArrayContent(input) { Headers = { ContentType = new MediaTypeHeaderValue("application/json") } },
        };
    }

    /// <summary>As it is, where an address can have it.</summary>
    private static string Query(byte[] input) => string.Concat(input.Select(static b =>
        char.IsAsciiLetterOrDigit((char)b) || "=&[]_,.-%+".Contains((char)b, StringComparison.Ordinal) ? ((char)b).ToString() : string.Create(CultureInfo.InvariantCulture, $"%{b:x2}")));
}
