using VpsAdmin.Server.Api;

namespace VpsAdmin.ConformanceServer;

/// <summary>What a client may send, given back; a failure, and an answer that takes a second.</summary>
internal static class TestResource
{
    private static readonly TimeSpan SlowAnswer = TimeSpan.FromSeconds(1);

    private static readonly OutputShape<InputValues> Echoed = new(static _ => [],
    [
        new("i", ParameterType.Integer, "I", static v => v.Integer("i")),
        new("f", ParameterType.Float, "F", static v => v.Float("f")),
        new("b", ParameterType.Boolean, "B", static v => v.Boolean("b")),
        new("dt", ParameterType.Datetime, "Dt", static v => v.Datetime("dt")),
        new("s", ParameterType.String, "S", static v => v.Text("s")),
        new("t", ParameterType.Text, "T", static v => v.Text("t")),
    ]);

    private static readonly OutputShape<InputValues> EchoedChoice = new(static _ => [], [new("format", ParameterType.String, "Format", static v => v.Text("format"))]);

    private static readonly OutputShape<InputValues> EchoedDatetime = new(static _ => [],
    [
        new("dt_provided", ParameterType.Boolean, "Dt provided", static v => v.Has("dt")),
        new("dt_nil", ParameterType.Boolean, "Dt nil", static v => v.Datetime("dt") is null),
        new("dt", ParameterType.Datetime, "Dt", static v => v.Datetime("dt")),
    ]);

    private static readonly OutputShape<InputValues> EchoedProject = new(static _ => [], [new("project", ParameterType.Integer, "Project", static v => v.Integer("project"))]);

    private static readonly OutputShape<InputValues> EchoedOptionalProject = new(static _ => [],
    [
        new("project_provided", ParameterType.Boolean, "Project provided", static v => v.Has("project")),
        new("project_nil", ParameterType.Boolean, "Project nil", static v => v.Integer("project") is null),
        new("project", ParameterType.Integer, "Project", static v => v.Integer("project")),
    ]);

    private static readonly InputParameter Datetime = new("dt", ParameterType.Datetime, "Dt") { Nullable = true };

    private static readonly InputParameter Project = new("project", ParameterType.Resource, "Project") { Resource = ["project"], ValueLabel = "name" };

    public static ApiResource Declare() => new("test", "tests", "What a client may send, and failures")
    {
        Actions =
        [
            new ApiAction<object>("fail", "GET", "Fail", null, static _ => throw Failure()) { SubPath = "fail", PlainHash = true, RequiresLogin = false },
            new ApiAction<object>("slow", "GET", "Answer after a second", null, SlowAsync) { SubPath = "slow", PlainHash = true, RequiresLogin = false },
            Echo("echo", "POST", Echoed,
            [
                new("i", ParameterType.Integer, "I") { Required = true },
                new("f", ParameterType.Float, "F") { Required = true },
                new("b", ParameterType.Boolean, "B") { Required = true },
                new("dt", ParameterType.Datetime, "Dt") { Required = true },
                new("s", ParameterType.String, "S") { Required = true },
                new("t", ParameterType.Text, "T") { Required = true },
            ]),
            Echo("echo_choice", "POST", EchoedChoice,
            [
                new("format", ParameterType.String, "Format")
                {
                    Required = true, ChoiceLabels = new Dictionary<string, string> { ["archive"] = "Archive", ["stream"] = "Stream" },
                },
            ]),
            Echo("echo_optional", "POST", EchoedDatetime, [Datetime]),
            Echo("echo_optional_get", "GET", EchoedDatetime, [Datetime]),
            Echo("echo_resource", "POST", EchoedProject, [Project with { Required = true }]),
            Echo("echo_resource_optional", "GET", EchoedOptionalProject, [Project with { Nullable = true }]),
        ],
    };

    private static ApiAction<InputValues> Echo(string name, string method, OutputShape<InputValues> output, IReadOnlyList<InputParameter> inputs) =>
        new(name, method, "Give the input back", output, static context => Task.FromResult(new ActionReply<InputValues>([context.Input])))
        {
            SubPath = name, PlainHash = true, RequiresLogin = false, Inputs = inputs,
        };

    private static ActionRefusedException Failure() =>
        new(400, "forced failure", new Dictionary<string, IReadOnlyList<string>> { ["base"] = ["forced failure"] });

    /// <summary>For clients that test their timeouts.</summary>
    private static async Task<ActionReply<object>> SlowAsync(ActionContext context)
    {
        await Task.Delay(SlowAnswer, TimeProvider.System, context.Cancel);
        return new([]);
    }
}
