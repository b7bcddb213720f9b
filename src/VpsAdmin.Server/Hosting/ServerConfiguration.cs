using VpsAdmin.Server.Data;
using VpsAdmin.Server.Hosting.Telemetry;
using VpsAdmin.Server.Mail;
using VpsAdmin.Server.Plans;

namespace VpsAdmin.Server.Hosting;

/// <summary>
/// Settings that are not given as arguments: from a JSON file, and over it from the environment (<c>VPSADMIN_POOL</c>,
/// <c>VPSADMIN_MAIL__HOST</c>). Arguments come before both.
/// </summary>
internal static class ServerConfiguration
{
    private const string Prefix = "VPSADMIN_";

    /// <exception cref="SetupException">The file cannot be read, or is not JSON.</exception>
    public static IConfiguration Read(string? file)
    {
        try
        {
            return NodeWeb.SettingsFile.Read(file, Prefix);
        }
        catch (FormatException e)
        {
            throw new SetupException(e.Message, e);
        }
    }

    /// <summary>Plans, queues, mail and telemetry, which have no arguments.</summary>
    /// <exception cref="SetupException">A value is not of its type.</exception>
    public static ServerOptions Apply(IConfiguration configuration, ServerOptions options)
    {
        try
        {
            return options with
            {
                Database = DatabaseOptions.Read(configuration),
                Keys = configuration["keys"],
                Plans = configuration.GetSection("plans").Get<PlanOptions>() ?? new(),
                Queues = NodeWeb.QueueSettings.Read(configuration.GetSection("queues")),
                Mail = configuration.GetSection("mail").Get<MailOptions>() ?? new(),
                Vpses = configuration.GetSection("vpses").Get<Node.Runtime.VpsOptions>() ?? new(),
                DeletedVpsLifetime = configuration.GetValue("deletedvpslifetime", options.DeletedVpsLifetime),
                Telemetry = configuration.GetSection("telemetry").Get<TelemetryOptions>() ?? new(),
            };
        }
        catch (Exception e) when (e is InvalidOperationException or FormatException)
        {
            throw new SetupException($"--config: {(e.InnerException ?? e).Message}", e);
        }
    }
}
