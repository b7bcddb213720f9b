using NATS.Client.Core;
using VpsAdmin.Nats;

namespace VpsAdmin.Server.Hosting;

/// <summary>How commands that are processes of their own ask the broker which nodes are there.</summary>
internal static class PresenceQuestion
{
    /// <param name="broker">Of the settings.</param>
    /// <param name="name">Who asks, for the broker's own lists.</param>
    /// <param name="ask">What is asked.</param>
    /// <param name="cancel">Ends the question.</param>
    /// <exception cref="SetupException">The broker cannot be reached, or a file of its settings cannot be read.</exception>
    public static async Task<T> AskAsync<T>(this BrokerOptions broker, string name, Func<NodePresence, Task<T>> ask, CancellationToken cancel)
    {
        try
        {
            var link = await NatsLink.ConnectAsync(new NatsSettings(broker.Url, broker.CredentialsFile, broker.CaFile), name, TimeProvider.System, cancel).ConfigureAwait(false);
            await using var _ = link.ConfigureAwait(false);
            return await ask(await NodePresence.OpenAsync(link, cancel).ConfigureAwait(false)).ConfigureAwait(false);
        }
        catch (Exception e) when (e is NatsException or IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new SetupException($"--nats: the broker at {broker.Url} cannot be used: {e.Message}", e);
        }
    }
}
