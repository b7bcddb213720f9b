namespace VpsAdmin.Server.Hosting;

/// <summary>Stops the server when its standard input ends. The system closes a pipe also for a process that was killed.</summary>
internal sealed class InputEnd(IHostApplicationLifetime lifetime, ILogger<InputEnd> log) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var input = Console.OpenStandardInput();
        await using (input.ConfigureAwait(false))
        {
            // A read of standard input cannot be cancelled; it must not hold up a server that stops for another reason.
            await input.CopyToAsync(Stream.Null, CancellationToken.None).WaitAsync(stoppingToken).ConfigureAwait(false);
        }
        log.LogInformation("Standard input has ended: who started this server is gone. It stops");
        lifetime.StopApplication();
    }
}
