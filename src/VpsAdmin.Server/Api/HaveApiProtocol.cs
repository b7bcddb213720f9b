namespace VpsAdmin.Server.Api;

/// <summary>A generation of the HaveAPI protocol (spec/haveapi 11). There is no negotiation: a server speaks one.</summary>
public sealed record HaveApiProtocol
{
    private HaveApiProtocol(string version) => Version = version;

    /// <summary>2.0, of 2019 and later.</summary>
    public static HaveApiProtocol Second { get; } = new("2.0") { PathIds = "path_params", LoginInput = "user" };

    /// <summary>1.0, of 2016: failures have HTTP status 200, and nothing goes on in the background.</summary>
    public static HaveApiProtocol First { get; } = new("1.0") { PathIds = "url_params", LoginInput = "login" };

    /// <summary>Stated in replies to OPTIONS.</summary>
    public string Version { get; }

    /// <summary>Key of an object's ids in its metadata.</summary>
    internal string PathIds { get; private init; } = "";

    /// <summary>Name of the input that says who logs in.</summary>
    internal string LoginInput { get; private init; } = "";

    /// <exception cref="ArgumentException">There is no such version.</exception>
    public static HaveApiProtocol Parse(string version) => version switch
    {
        "2.0" => Second,
        "1.0" => First,
        _ => throw new ArgumentException($"'{version}' is no version of the protocol; there are 2.0 and 1.0.", nameof(version)),
    };
}
