using System.Text.Json.Nodes;

namespace VpsAdmin.HaveApi.Http;

/// <summary>A request, ready to send except for credentials.</summary>
/// <param name="Name">What errors call it: <c>dataset#index</c>, <c>OPTIONS /v7.0/</c>.</param>
/// <param name="PathAndQuery">Below the base address, percent-encoded, beginning with a slash.</param>
internal sealed record ApiRequest(string Name, HttpMethod Method, string PathAndQuery, JsonObject? Body = null);
