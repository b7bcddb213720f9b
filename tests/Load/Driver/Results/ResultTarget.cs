using System.CommandLine;

namespace VpsAdmin.Load.Results;

/// <summary>Options of every measurement: where its values go.</summary>
internal sealed class ResultTarget
{
    private readonly Option<string?> _file = new("--results") { Description = "File to append values to; see the command tables" };
    private readonly Option<string> _column = new("--column") { Description = "What the measurement is of, as the head of its column", DefaultValueFactory = static _ => "" };

    public void AddTo(Command command)
    {
        command.Add(_file);
        command.Add(_column);
    }

    public ResultFile Read(ParseResult parsed) => new(parsed.GetValue(_file), parsed.GetRequiredValue(_column));
}
