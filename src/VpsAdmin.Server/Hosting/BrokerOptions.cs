namespace VpsAdmin.Server.Hosting;

/// <summary>The NATS broker that nodes of their own are reached by.</summary>
/// <param name="Url">Such as <c>tls://nats.example.org:4222</c>; of a cluster several, with commas between.</param>
/// <param name="CredentialsFile">NATS's <c>.creds</c> file, or one line <c>user:password</c>.</param>
/// <param name="CaFile">PEM of the authority that signed the broker's certificate.</param>
/// <param name="Replicas">On how many servers of a cluster each message is kept.</param>
public sealed record BrokerOptions(string Url, string? CredentialsFile, string? CaFile, int Replicas = 1);
