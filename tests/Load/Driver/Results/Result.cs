using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VpsAdmin.Load.Results;

/// <summary>One value of a table.</summary>
/// <param name="Note">What is measured, and in what.</param>
/// <param name="Column">What grows, such as <c>1,000 nodes</c>.</param>
internal sealed record Result(string Table, string Note, string Row, string Column, string Value);

[JsonSerializable(typeof(Result))]
internal sealed partial class ResultJson : JsonSerializerContext;

/// <summary>Where measurements go: a line of JSON for each value, from one run of this program after another.</summary>
/// <param name="path">Null: to standard output, for people.</param>
internal sealed class ResultFile(string? path, string column)
{
    public ResultTable Table(string name, string note) => new(this, name, note);

    public void Add(string table, string note, string row, string value)
    {
        if (path is null)
            Console.WriteLine($"{table}, {row}: {value}");
        else
            File.AppendAllText(path, JsonSerializer.Serialize(new Result(table, note, row, column, value), ResultJson.Default.Result) + "\n");
    }
}

internal sealed class ResultTable(ResultFile file, string name, string note)
{
    /// <summary>With the digits that are worth reading.</summary>
    public void Add(string row, double value) => Add(row, Readable(value));

    public void Add(string row, string value) => file.Add(name, note, row, value);

    internal static string Readable(double value) => value.ToString(Math.Abs(value) switch { < 1 => "0.00", < 10 => "0.0", _ => "#,##0" }, CultureInfo.InvariantCulture);
}
