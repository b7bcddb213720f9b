using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Security;

namespace VpsAdmin.Shell.Host;

/// <summary>Asks the person at the terminal. Questions go to standard error, so that results can be redirected meanwhile.</summary>
internal sealed class Questions(StandardStreams streams, CancellationToken interrupted)
{
    public string ReadLine()
    {
        DemandPerson();
        return Await(() => streams.Input.ReadLine()) ?? throw new EndOfStreamException("Standard input ended before the question was answered.");
    }

    public SecureString ReadSecret()
    {
        DemandPerson();
        var secret = new SecureString();
        for (; ; )
        {
            var key = Await(() => Console.ReadKey(intercept: true));
            switch (key.Key)
            {
                case ConsoleKey.Enter:
                    streams.Error.WriteLine();
                    secret.MakeReadOnly();
                    return secret;
                case ConsoleKey.Backspace when secret.Length > 0:
                    secret.RemoveAt(secret.Length - 1);
                    break;
                default:
                    if (!char.IsControl(key.KeyChar))
                        secret.AppendChar(key.KeyChar);
                    break;
            }
        }
    }

    public Dictionary<string, PSObject> AskFields(string caption, string message, Collection<FieldDescription> fields)
    {
        DemandPerson();
        Announce(caption, message);
        var answers = new Dictionary<string, PSObject>(StringComparer.OrdinalIgnoreCase);
        foreach (var field in fields)
        {
            var label = string.IsNullOrEmpty(field.Label) ? field.Name : field.Label.Replace("&", "", StringComparison.Ordinal);
            streams.Error.Write($"{label}: ");
            answers[field.Name] = PSObject.AsPSObject(IsSecret(field) ? ReadSecret() : ReadLine());
        }
        return answers;
    }

    public int Choose(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice)
    {
        DemandPerson();
        Announce(caption, message);
        var options = choices.Select(static choice => Hotkey(choice.Label)).ToArray();
        for (; ; )
        {
            streams.Error.Write(string.Join("  ", options.Select(static o => $"[{o.Key}] {o.Label}")));
            streams.Error.Write(defaultChoice >= 0 ? $" (default is \"{options[defaultChoice].Key}\"): " : ": ");
            var answer = ReadLine().Trim();
            if (answer.Length == 0 && defaultChoice >= 0)
                return defaultChoice;
            var chosen = Array.FindIndex(options, o =>
                answer.Equals(o.Key, StringComparison.OrdinalIgnoreCase) || answer.Equals(o.Label, StringComparison.OrdinalIgnoreCase));
            if (chosen >= 0)
                return chosen;
        }
    }

    public PSCredential AskCredential(string caption, string message, string? userName)
    {
        DemandPerson();
        Announce(caption, message);
        if (string.IsNullOrEmpty(userName))
        {
            streams.Error.Write("User: ");
            userName = ReadLine();
        }
        streams.Error.Write($"Password for {userName}: ");
        return new PSCredential(userName, ReadSecret());
    }

    /// <summary><c>&amp;Yes</c> is answered by Y; a label without a mark by all of itself.</summary>
    private static (string Key, string Label) Hotkey(string label)
    {
        var mark = label.IndexOf('&', StringComparison.Ordinal);
        var plain = label.Replace("&", "", StringComparison.Ordinal);
        return mark >= 0 && mark + 1 < label.Length ? (char.ToUpperInvariant(label[mark + 1]).ToString(), plain) : (plain, plain);
    }

    private static bool IsSecret(FieldDescription field) =>
        field.ParameterTypeFullName == typeof(SecureString).FullName;

    private void Announce(string caption, string message)
    {
        if (!string.IsNullOrEmpty(caption))
            streams.Error.WriteLine(caption);
        if (!string.IsNullOrEmpty(message))
            streams.Error.WriteLine(message);
    }

    /// <summary>The same type and words as pwsh -NonInteractive, which scripts may expect.</summary>
    private void DemandPerson()
    {
        if (!streams.IsInteractive)
            throw new PSInvalidOperationException(
                "vpsadmin is in NonInteractive mode, because standard input is not a terminal. Read and Prompt functionality is not available.");
    }

    /// <summary>A read of the terminal cannot be cancelled; it is left behind on its thread when the pipeline is stopped.</summary>
    private T Await<T>(Func<T> read)
    {
        try
        {
            return Task.Run(read, CancellationToken.None).WaitAsync(interrupted).GetAwaiter().GetResult();
        }
        catch (OperationCanceledException)
        {
            throw new PipelineStoppedException();
        }
    }
}
