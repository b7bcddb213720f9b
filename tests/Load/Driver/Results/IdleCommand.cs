using System.CommandLine;

namespace VpsAdmin.Load.Results;

/// <summary>What it costs that nodes are there and nothing is asked of them.</summary>
internal static class IdleCommand
{
    public static Command Create()
    {
        var seconds = new Option<double>("--seconds") { Description = "How long it is measured", DefaultValueFactory = static _ => 60 };
        var (watched, target) = (new WatchedProcesses(), new ResultTarget());
        var command = new Command("idle", "Measures what processes cost while nothing is asked of them.") { seconds };
        watched.AddTo(command);
        target.AddTo(command);
        command.SetAction(async (parsed, cancel) =>
        {
            var watch = watched.Read(parsed);
            watch.Begin();
            await Task.Delay(TimeSpan.FromSeconds(parsed.GetValue(seconds)), cancel);
            var table = target.Read(parsed).Table("Nodes that are there", "Nothing is asked of them: they tell that they are there every 15 s, and keep asking the broker for work");
            watch.AddTo(table);
            watch.AddMemoryTo(table);
        });
        return command;
    }
}
