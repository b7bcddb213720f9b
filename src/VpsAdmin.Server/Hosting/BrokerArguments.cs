using System.CommandLine;

namespace VpsAdmin.Server.Hosting;

/// <summary>How commands are told of the broker; what is not given as arguments comes from the settings.</summary>
internal sealed class BrokerArguments(IConfiguration configuration)
{
    private readonly Option<string?> _url = Optional("--nats", "URL", "NATS broker that nodes of their own are reached by (default: there are none)", configuration["nats"]);

    private readonly Option<string?> _credentials =
        Optional("--nats-credentials", "FILE", "File with the broker's credentials: NATS's .creds, or one line user:password", configuration["natscredentials"]);

    private readonly Option<string?> _ca = Optional("--nats-ca", "FILE", "PEM file of the authority that signed the broker's certificate", configuration["natsca"]);

    private readonly Option<int> _replicas = new("--nats-replicas")
    {
        Description = "On how many servers of a NATS cluster each message is kept: 1, 3 or 5", HelpName = "NUMBER", DefaultValueFactory = _ => configuration.GetValue("natsreplicas", 1),
    };

    public void AddTo(Command command)
    {
        command.Add(_url);
        command.Add(_credentials);
        command.Add(_ca);
        command.Add(_replicas);
    }

    /// <returns>Null: there is no broker.</returns>
    public BrokerOptions? Read(ParseResult parsed) =>
        parsed.GetValue(_url) is { } url ? new(url, parsed.GetValue(_credentials), parsed.GetValue(_ca), parsed.GetValue(_replicas)) : null;

    private static Option<string?> Optional(string name, string help, string description, string? value) =>
        new(name) { Description = description, HelpName = help, DefaultValueFactory = _ => value };
}
