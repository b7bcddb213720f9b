using Microsoft.Extensions.DependencyInjection;
using VpsAdmin.Server.Api;

namespace VpsAdmin.ConformanceServer;

/// <summary>Projects with nested tasks: lists, objects, creation, change, and an action that goes on in the background.</summary>
internal static class ProjectResource
{
    private const string NoProject = "project not found";
    private const string NoTask = "task not found";

    private static readonly OutputParameter<Project> Name = new("name", ParameterType.String, "Name", static p => p.Name);

    private static readonly OutputShape<Project> Shape = new(static p => [p.Id],
    [
        new("id", ParameterType.Integer, "ID", static p => p.Id),
        Name,
        new("created_at", ParameterType.Datetime, "Created at", static p => p.CreatedAt),
    ]);

    /// <summary>Without ids: clients get objects that they cannot look up again.</summary>
    private static readonly OutputShape<Project> PublicShape = new(static _ => [], [Name]);

    private static readonly OutputShape<ProjectTask> TaskShape = new(static t => [t.ProjectId, t.Id],
    [
        new("id", ParameterType.Integer, "ID", static t => t.Id),
        new("label", ParameterType.String, "Label", static t => t.Label),
        new("done", ParameterType.Boolean, "Done", static t => t.Done),
    ]);

    public static ApiResource Declare() => new("project", "projects", "Project resource")
    {
        Actions =
        [
            new ApiAction<Project>("index", "GET", "List projects", Shape, IndexAsync) { Aliases = ["list"], ReturnsList = true, Inputs = Pages.Inputs() },
            new ApiAction<Project>("show", "GET", "Show a project", Shape, ShowAsync) { SubPath = "{project_id}", Aliases = ["find"] },
            new ApiAction<Project>("public_list", "GET", "List what everybody may know of projects", PublicShape, IndexAsync)
            {
                SubPath = "public/list", ReturnsList = true, Inputs = Pages.Inputs(),
            },
            new ApiAction<Project>("public_show", "GET", "Show what everybody may know of a project", PublicShape, ShowAsync) { SubPath = "public/{project_id}/show" },
            new ApiAction<Project>("create", "POST", "Create a project", Shape,
                static context => Task.FromResult(new ActionReply<Project>([Store(context).AddProject(context.Input.Text("name")!)])))
            {
                Aliases = ["new"], Inputs = [new("name", ParameterType.String, "Name") { Required = true }],
            },
        ],
        Children = [DeclareTasks()],
    };

    private static ApiResource DeclareTasks() => new("task", "tasks", "Task resource")
    {
        Actions =
        [
            new ApiAction<ProjectTask>("index", "GET", "List tasks", TaskShape,
                static context => Task.FromResult(Paging.Page(context, Store(context).Tasks(context.PathIds[0]), static t => t.Id)))
            {
                Aliases = ["list"], ReturnsList = true, Inputs = Pages.Inputs(),
            },
            new ApiAction<ProjectTask>("show", "GET", "Show a task", TaskShape,
                static context => Paging.One(Store(context).FindTask(context.PathIds[0], context.PathIds[1]), NoTask))
            {
                SubPath = "{task_id}", Aliases = ["find"],
            },
            new ApiAction<ProjectTask>("create", "POST", "Create a task", TaskShape,
                static context => Task.FromResult(new ActionReply<ProjectTask>(
                    [Store(context).AddTask(context.PathIds[0], context.Input.Text("label")!, context.Input.Boolean("done")!.Value)])))
            {
                Aliases = ["new"],
                Inputs =
                [
                    new("label", ParameterType.String, "Label") { Required = true },
                    new("done", ParameterType.Boolean, "Done") { Default = false },
                ],
            },
            new ApiAction<ProjectTask>("update", "PUT", "Change a task", TaskShape,
                static context => Paging.One(Store(context).UpdateTask(context.PathIds[0], context.PathIds[1], context.Input.Boolean("done")), NoTask))
            {
                SubPath = "{task_id}", Inputs = [new("done", ParameterType.Boolean, "Done")],
            },
            new ApiAction<object>("run", "POST", "Run a task", null, RunAsync) { SubPath = "{task_id}/run", PlainHash = true, Blocking = true },
        ],
    };

    private static ProjectStore Store(ActionContext context) => context.Services.GetRequiredService<ProjectStore>();

    private static Task<ActionReply<Project>> IndexAsync(ActionContext context) =>
        Task.FromResult(Paging.Page(context, Store(context).Projects(), static p => p.Id));

    private static Task<ActionReply<Project>> ShowAsync(ActionContext context) => Paging.One(Store(context).FindProject(context.PathIds[0]), NoProject);

    private static async Task<ActionReply<object>> RunAsync(ActionContext context)
    {
        await Paging.One(Store(context).FindTask(context.PathIds[0], context.PathIds[1]), NoTask);
        return new([], context.Services.GetRequiredService<TaskRuns>().Start("task-run"));
    }
}
