using System.Text.Json.Nodes;
using VpsAdmin.Server.Api;

namespace VpsAdmin.Server.Tests.Api;

internal sealed record Member(long Id, string Login);

internal sealed record Project(long Id, string Name, long? OwnerId, DateTimeOffset CreatedAt, double Ratio);

internal sealed record ProjectTask(long Id, long ProjectId, string Label, bool Done);

internal sealed record RunState(long Id, bool Finished);

/// <summary>A small API with everything that a declaration can say.</summary>
internal static partial class SampleCatalogue
{
    public const string Secret = "the database password is hunter2";

    private static readonly Member[] Members = [new(1, "root"), new(7, "alice")];

    private static readonly Project[] Projects =
    [
        new(1, "apollo", 7, new DateTimeOffset(2026, 3, 2, 1, 30, 0, TimeSpan.FromHours(1)), 1.5),
        new(2, "gemini", null, MemoryAccounts.Start, 2),
    ];

    private static readonly ProjectTask[] Tasks = [new(41, 1, "launch", false), new(42, 1, "land", true)];

    private static readonly OutputShape<Member> MemberShape = new(m => [m.Id],
    [
        new("id", ParameterType.Integer, "ID", m => m.Id),
        new("login", ParameterType.String, "Login", m => m.Login),
    ]);

    private static readonly OutputShape<Project> ProjectShape = new(p => [p.Id],
    [
        new("id", ParameterType.Integer, "ID", p => p.Id),
        new("name", ParameterType.String, "Name", p => p.Name) { Description = "What it is called" },
        new("owner", ParameterType.Resource, "Owner", p => p.OwnerId is { } id ? new Association([id], Members.First(m => m.Id == id).Login) : null)
        {
            Resource = ["member"], ValueLabel = "login",
        },
        new("created_at", ParameterType.Datetime, "Created at", p => p.CreatedAt),
        new("ratio", ParameterType.Float, "Ratio", p => p.Ratio),
        new("internal_note", ParameterType.String, "Internal note", _ => "for administrators") { AdminOnly = true },
    ]);

    private static readonly OutputShape<ProjectTask> TaskShape = new(t => [t.ProjectId, t.Id],
    [
        new("id", ParameterType.Integer, "ID", t => t.Id),
        new("label", ParameterType.String, "Label", t => t.Label),
        new("done", ParameterType.Boolean, "Done", t => t.Done),
        new("project", ParameterType.Resource, "Project", t => new Association([t.ProjectId], Projects.First(p => p.Id == t.ProjectId).Name))
        {
            Resource = ["project"], ValueLabel = "name",
        },
    ]);

    private static readonly OutputShape<JsonObject> EchoShape = new(_ => [],
    [
        new("values", ParameterType.Custom, "Values", values => values),
    ]);

    private static readonly OutputShape<RunState> StateShape = new(_ => [],
    [
        new("id", ParameterType.Integer, "ID", s => s.Id),
        new("label", ParameterType.String, "Label", _ => "Run task"),
        new("finished", ParameterType.Boolean, "Finished", s => s.Finished),
        new("status", ParameterType.Boolean, "Status", _ => true),
        new("current", ParameterType.Integer, "Current", s => s.Finished ? 2 : 1),
        new("total", ParameterType.Integer, "Total", _ => 2),
        new("unit", ParameterType.String, "Unit", _ => "step"),
        new("can_cancel", ParameterType.Boolean, "Can cancel", _ => false),
    ]);

    private static readonly InputParameter[] Paging =
    [
        new("from_id", ParameterType.Integer, "From ID") { Min = 0 },
        new("limit", ParameterType.Integer, "Limit") { Min = 0, Max = 1000 },
    ];

    public static IReadOnlyList<ApiResource> Resources { get; } =
    [
        new("member", "members", "People")
        {
            Actions =
            [
                new ApiAction<Member>("show", "GET", "Show a member", MemberShape, c => One(Members.FirstOrDefault(m => m.Id == c.PathIds[0])))
                {
                    SubPath = "{member_id}", Aliases = ["find"],
                },
                new ApiAction<Member>("current", "GET", "Show yourself", MemberShape, c => One(new Member(c.Caller.UserId, c.Caller.Login))) { SubPath = "current" },
                new ApiAction<Member>("create", "POST", "Add a member", MemberShape, c => One(new Member(9, c.Input.Text("login")!)))
                {
                    AdminOnly = true, Inputs = [new("login", ParameterType.String, "Login") { Required = true }],
                },
            ],
        },
        new("project", "projects", "Manage projects")
        {
            Actions =
            [
                new ApiAction<Project>("index", "GET", "List projects", ProjectShape, Index)
                {
                    ReturnsList = true,
                    Aliases = ["list"],
                    Inputs =
                    [
                        .. Paging,
                        new("owner", ParameterType.Resource, "Owner") { Resource = ["member"], ValueLabel = "login", Nullable = true },
                        new("hidden", ParameterType.Boolean, "Hidden") { AdminOnly = true, Default = false },
                    ],
                },
                new ApiAction<Project>("show", "GET", "Show a project", ProjectShape, c => One(Projects.FirstOrDefault(p => p.Id == c.PathIds[0])))
                {
                    SubPath = "{project_id}", Aliases = ["find"],
                },
                new ApiAction<object>("delete", "DELETE", "Delete a project", null, c => c.PathIds[0] > 2 ? throw ActionRefusedException.NotFound() : Nothing())
                {
                    SubPath = "{project_id}", Aliases = ["destroy"],
                },
            ],
            Children =
            [
                new("task", "tasks", "Manage tasks")
                {
                    Actions =
                    [
                        new ApiAction<ProjectTask>("index", "GET", "List tasks", TaskShape, c => Task.FromResult(new ActionReply<ProjectTask>([.. Tasks.Where(t => t.ProjectId == c.PathIds[0])])))
                        {
                            ReturnsList = true, Aliases = ["list"], Inputs = Paging,
                        },
                        new ApiAction<ProjectTask>("show", "GET", "Show a task", TaskShape, c => One(Tasks.FirstOrDefault(t => t.ProjectId == c.PathIds[0] && t.Id == c.PathIds[1])))
                        {
                            SubPath = "{task_id}", Aliases = ["find"],
                        },
                        new ApiAction<ProjectTask>("create", "POST", "Create a task", TaskShape, c => One(new ProjectTask(43, c.PathIds[0], c.Input.Text("label")!, c.Input.Boolean("done")!.Value)))
                        {
                            Aliases = ["new"],
                            Inputs =
                            [
                                new("label", ParameterType.String, "Label") { Required = true },
                                new("done", ParameterType.Boolean, "Done") { Default = false },
                                new("priority", ParameterType.String, "Priority") { Choices = ["low", "high"] },
                                new("after", ParameterType.Resource, "After") { Resource = ["project", "task"] },
                            ],
                        },
                        new ApiAction<ProjectTask>("run", "POST", "Run a task", TaskShape, c => Task.FromResult(new ActionReply<ProjectTask>([Tasks[0]], ActionStateId: c.PathIds[1])))
                        {
                            SubPath = "{task_id}/run", Blocking = true,
                        },
                    ],
                },
            ],
        },
        new("test", "tests", "What a client may send")
        {
            Actions =
            [
                new ApiAction<JsonObject>("echo", "POST", "Give the input back", EchoShape, Echo)
                {
                    SubPath = "echo",
                    RequiresLogin = false,
                    PlainHash = true,
                    Inputs =
                    [
                        new("i", ParameterType.Integer, "Integer") { Nullable = true },
                        new("s", ParameterType.String, "String") { Nullable = true },
                        new("dt", ParameterType.Datetime, "Datetime"),
                        new("by_default", ParameterType.Integer, "With default") { Default = 25 },
                        new("for_admins", ParameterType.Integer, "For administrators") { AdminOnly = true },
                        new("secret", ParameterType.Integer, "Secret") { Protected = true },
                    ],
                },
                new ApiAction<JsonObject>("echo_get", "GET", "Give the input back", EchoShape, Echo)
                {
                    SubPath = "echo", RequiresLogin = false, PlainHash = true, Inputs = [new("i", ParameterType.Integer, "Integer") { Nullable = true }],
                },
                new ApiAction<JsonObject>("rules", "POST", "Rules of every kind", EchoShape, Echo)
                {
                    SubPath = "rules",
                    RequiresLogin = false,
                    PlainHash = true,
                    Inputs =
                    [
                        new("consent", ParameterType.Boolean, "Consent") { Rules = [new AcceptRule()] },
                        new("secret", ParameterType.String, "Secret") { Protected = true, Rules = [new LengthRule(8, 20), new ExcludeRule(["password"])] },
                        new("again", ParameterType.String, "Again") { Protected = true, Rules = [new ConfirmRule("secret")] },
                        new("host", ParameterType.String, "Host") { Rules = [new FormatRule(HostName(), "letters and digits")] },
                        new("kind", ParameterType.String, "Kind") { ChoiceLabels = new Dictionary<string, string> { ["archive"] = "Archive", ["stream"] = "Stream" } },
                        new("i", ParameterType.Integer, "Number") { FormerNames = ["number"] },
                        new("for_support", ParameterType.Integer, "For support") { SupportOnly = true },
                    ],
                    Examples =
                    [
                        new("Name a host")
                        {
                            Comment = "As an example",
                            Request = new JsonObject { ["host"] = "web1", ["for_support"] = 1 },
                            Response = new JsonObject { ["values"] = new JsonObject() },
                        },
                    ],
                },
                new ApiAction<object>("support", "POST", "For support staff", null, _ => Nothing()) { SubPath = "support", SupportOnly = true, PlainHash = true },
                new ApiAction<object>("fail", "POST", "Fail", null, _ => throw new InvalidOperationException(Secret)) { SubPath = "fail", RequiresLogin = false },
                new ApiAction<object>("locked", "POST", "Refuse", null, _ => throw ActionRefusedException.Locked(5, "Snapshot")) { SubPath = "locked", RequiresLogin = false },
            ],
        },
        new("action_state", "action_states", "Browse states of blocking actions")
        {
            Actions =
            [
                new ApiAction<RunState>("show", "GET", "Show the state of an action", StateShape, c => One(new RunState(c.PathIds[0], false)))
                {
                    SubPath = "{action_state_id}", PlainHash = true, RequiresLogin = false,
                },
                new ApiAction<RunState>("poll", "GET", "Wait for a change", StateShape, c => One(new RunState(c.PathIds[0], true)))
                {
                    SubPath = "{action_state_id}/poll",
                    PlainHash = true,
                    RequiresLogin = false,
                    Inputs =
                    [
                        new("timeout", ParameterType.Float, "Timeout") { Default = 15, Min = 0, Max = 30 },
                        new("update_in", ParameterType.Float, "Update in") { Nullable = true },
                        new("status", ParameterType.Boolean, "Status") { Nullable = true },
                        new("current", ParameterType.Integer, "Current") { Nullable = true },
                        new("total", ParameterType.Integer, "Total") { Nullable = true },
                    ],
                },
            ],
        },
    ];

    [System.Text.RegularExpressions.GeneratedRegex(@"\A[a-z0-9]+\z")]
    private static partial System.Text.RegularExpressions.Regex HostName();

    private static Task<ActionReply<T>> One<T>(T? item) where T : class =>
        item is null ? throw ActionRefusedException.NotFound() : Task.FromResult(new ActionReply<T>([item]));

    private static Task<ActionReply<object>> Nothing() => Task.FromResult(new ActionReply<object>([]));

    private static Task<ActionReply<Project>> Index(ActionContext c)
    {
        var found = Projects.Where(p => p.Id > (c.Input.Integer("from_id") ?? 0) && (!c.Input.Has("owner") || p.OwnerId == c.Input.Integer("owner")));
        var page = found.Take((int)(c.Input.Integer("limit") ?? 1000)).ToList();
        return Task.FromResult(new ActionReply<Project>(page, TotalCount: c.CountRequested ? Projects.Length : null));
    }

    /// <summary>What arrived, as <c>name: value</c>, absent ones left out.</summary>
    private static Task<ActionReply<JsonObject>> Echo(ActionContext c)
    {
        var values = new JsonObject();
        foreach (var name in new[] { "i", "by_default", "for_admins", "for_support" })
            if (c.Input.Has(name)) values[name] = c.Input.Integer(name);
        if (c.Input.Has("s")) values["s"] = c.Input.Text("s");
        if (c.Input.Has("dt")) values["dt"] = c.Input.Datetime("dt")?.ToString("O", null);
        return Task.FromResult(new ActionReply<JsonObject>([values]));
    }
}
