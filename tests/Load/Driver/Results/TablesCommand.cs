using System.CommandLine;
using System.Text.Json;

namespace VpsAdmin.Load.Results;

/// <summary>What was measured, as Markdown: a row for each value, a column for each size.</summary>
internal static class TablesCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("results") { Description = "What other commands wrote with --results" }.AcceptExistingOnly();
        var command = new Command("tables", "Prints what was measured as Markdown.") { file };
        command.SetAction(parsed =>
        {
            var results = File.ReadLines(parsed.GetRequiredValue(file).FullName).Select(static line => JsonSerializer.Deserialize(line, ResultJson.Default.Result)!);
            foreach (var table in results.GroupBy(static r => (r.Table, r.Note)))
                Print(table.Key.Table, table.Key.Note, [.. table]);
        });
        return command;
    }

    private static void Print(string name, string note, IReadOnlyList<Result> results)
    {
        string[] columns = [.. results.Select(static r => r.Column).Distinct()];
        Console.WriteLine($"\n### {name}\n\n{note}\n");
        Console.WriteLine(Line(["", .. columns]));
        Console.WriteLine(Line(["---", .. columns.Select(static _ => "---:")]));
        foreach (var row in results.GroupBy(static r => r.Row))
        {
            var values = row.GroupBy(static r => r.Column).ToDictionary(static r => r.Key, static r => r.Last().Value);
            Console.WriteLine(Line([row.Key, .. columns.Select(column => values.GetValueOrDefault(column, ""))]));
        }
    }

    private static string Line(IEnumerable<string> cells) => $"| {string.Join(" | ", cells)} |";
}
