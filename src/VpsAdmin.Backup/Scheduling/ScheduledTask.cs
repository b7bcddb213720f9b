using System.Globalization;
using System.Xml;
using System.Xml.Linq;

namespace VpsAdmin.Backup.Scheduling;

/// <summary>A task of Windows as XML (Task Scheduler schema 1.2), run as the system. A missed run is caught up with.</summary>
internal static class ScheduledTask
{
    private const string Folder = "ProgramData/vpsadmin";
    private static readonly XNamespace Schema = "http://schemas.microsoft.com/windows/2004/02/mit/task";

    public static string TaskName(string name) => $@"vpsadmin\backup-{name}";

    public static string ScriptPath(string name) => $"{Folder}/backup-{name}.ps1";

    public static string PathOf(string name) => $"{Folder}/backup-{name}.xml";

    public static ScheduleFile Of(BackupSchedule schedule)
    {
        var script = $"\"%ProgramData%\\vpsadmin\\backup-{schedule.Name}.ps1\"";
        var task = new XElement(Schema + "Task", new XAttribute("version", "1.2"),
            Element("RegistrationInfo", Element("Description", $"Backup of a vpsAdmin dataset into {schedule.Filesystem}")),
            Element("Triggers", [.. schedule.When.OrderedAt.Select(at => Trigger(at, schedule.When.OrderedDays))]),
            Element("Principals", new XElement(Schema + "Principal", new XAttribute("id", "System"),
                Element("UserId", "S-1-5-18"),
                Element("RunLevel", "HighestAvailable"))),
            Element("Settings",
                Element("MultipleInstancesPolicy", "IgnoreNew"),
                Element("DisallowStartIfOnBatteries", "false"),
                Element("StopIfGoingOnBatteries", "false"),
                Element("StartWhenAvailable", "true"),
                Element("RunOnlyIfNetworkAvailable", "true"),
                // A first backup may take days.
                Element("ExecutionTimeLimit", "PT0S")),
            new XElement(Schema + "Actions", new XAttribute("Context", "System"),
                Element("Exec",
                    Element("Command", schedule.Program),
                    Element("Arguments", schedule.IsPwsh ? $"-NoProfile -NonInteractive -File {script}" : script))));
        return new ScheduleFile(PathOf(schedule.Name), task.ToString().ReplaceLineEndings("\n") + "\n");
    }

    /// <summary>Times and days of each trigger, such as <c>02:30 Monday</c>.</summary>
    public static IEnumerable<string> FindTimes(string xml) =>
        Parse(xml).Descendants(Schema + "CalendarTrigger").Select(static trigger => string.Join(' ',
            ((string?)trigger.Element(Schema + "StartBoundary"))?.Split('T') is [_, { Length: >= 5 } time] ? time[..5] : "?",
            trigger.Descendants(Schema + "DaysOfWeek").Elements().Select(static d => d.Name.LocalName) is var days && days.Any() ? string.Join(',', days) : "daily"));

    /// <summary>A file that somebody broke has no times.</summary>
    private static XElement Parse(string xml)
    {
        try
        {
            return XElement.Parse(xml);
        }
        catch (XmlException)
        {
            return new XElement("Broken");
        }
    }

    private static XElement Trigger(TimeOnly at, IReadOnlyList<DayOfWeek> days) => Element("CalendarTrigger",
        // Only its time of day counts.
        Element("StartBoundary", $"2024-01-01T{at.ToString("HH:mm", CultureInfo.InvariantCulture)}:00"),
        Element("Enabled", "true"),
        days.Count == 0
            ? Element("ScheduleByDay", Element("DaysInterval", "1"))
            : Element("ScheduleByWeek", Element("DaysOfWeek", [.. days.Select(static d => Element(d.ToString()))]), Element("WeeksInterval", "1")));

    private static XElement Element(string name, params object[] content) => new(Schema + name, content);
}
