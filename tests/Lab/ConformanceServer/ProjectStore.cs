namespace VpsAdmin.ConformanceServer;

internal sealed record Project(long Id, string Name, DateTimeOffset CreatedAt);

internal sealed record ProjectTask(long ProjectId, long Id, string Label, bool Done);

/// <summary>Projects and their tasks, in memory.</summary>
internal sealed class ProjectStore
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly Lock _lock = new();
    private List<Project> _projects = [];
    private List<ProjectTask> _tasks = [];

    public ProjectStore() => Reset();

    public void Reset()
    {
        lock (_lock)
        {
            _projects = [new(1, "Alpha", Start), new(2, "Beta", Start)];
            _tasks = [new(1, 1, "Initial task", Done: false), new(1, 2, "Second task", Done: true)];
        }
    }

    public IReadOnlyList<Project> Projects()
    {
        lock (_lock) return [.. _projects];
    }

    public Project? FindProject(long id) => Projects().FirstOrDefault(p => p.Id == id);

    public Project AddProject(string name)
    {
        lock (_lock)
        {
            var id = _projects.Max(p => p.Id) + 1;
            var project = new Project(id, name, Start.AddSeconds(id));
            _projects.Add(project);
            return project;
        }
    }

    public IReadOnlyList<ProjectTask> Tasks(long projectId)
    {
        lock (_lock) return [.. _tasks.Where(t => t.ProjectId == projectId)];
    }

    public ProjectTask? FindTask(long projectId, long id) => Tasks(projectId).FirstOrDefault(t => t.Id == id);

    public ProjectTask AddTask(long projectId, string label, bool done)
    {
        lock (_lock)
        {
            var task = new ProjectTask(projectId, _tasks.Max(t => t.Id) + 1, label, done);
            _tasks.Add(task);
            return task;
        }
    }

    public ProjectTask? UpdateTask(long projectId, long id, bool? done)
    {
        lock (_lock)
        {
            var place = _tasks.FindIndex(t => t.ProjectId == projectId && t.Id == id);
            return place < 0 ? null : _tasks[place] = _tasks[place] with { Done = done ?? _tasks[place].Done };
        }
    }
}
