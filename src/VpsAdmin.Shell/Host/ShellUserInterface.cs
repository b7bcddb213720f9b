using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;

namespace VpsAdmin.Shell.Host;

/// <summary>Results to standard output, everything said about them to standard error.</summary>
internal sealed class ShellUserInterface : PSHostUserInterface
{
    private readonly StandardStreams _streams;
    private readonly Questions _questions;
    private readonly ProgressLine? _progress;
    private readonly Lock _lock = new();
    private bool _allAsErrors;
    private StringWriter? _capture;

    public ShellUserInterface(StandardStreams streams, Questions questions, TimeProvider time)
    {
        _streams = streams;
        _questions = questions;
        _progress = streams.IsErrorTerminal ? new ProgressLine(streams.Error, () => streams.Width, time) : null;
        RawUI = new ShellRawUserInterface(streams);
    }

    public override PSHostRawUserInterface RawUI { get; }
    public override bool SupportsVirtualTerminal => _streams.IsOutputTerminal;

    public override void Write(string value) => ToOutput(value, newLine: false);
    public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => ToOutput(value, newLine: false);
    public override void WriteLine() => ToOutput("", newLine: true);
    public override void WriteLine(string value) => ToOutput(value, newLine: true);
    public override void WriteLine(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => ToOutput(value, newLine: true);

    public override void WriteErrorLine(string value) => ToError(value);
    public override void WriteWarningLine(string message) => ToError($"WARNING: {message}");
    public override void WriteVerboseLine(string message) => ToError($"VERBOSE: {message}");
    public override void WriteDebugLine(string message) => ToError($"DEBUG: {message}");

    public override void WriteProgress(long sourceId, ProgressRecord record)
    {
        if (_progress is null)
            return;
        lock (_lock)
            _progress.Update(sourceId, record);
    }

    /// <summary>Takes the progress line off the terminal at the end.</summary>
    public void Finish()
    {
        lock (_lock)
            _progress?.Erase();
    }

    public override string ReadLine() => Ask(_questions.ReadLine);
    public override SecureString ReadLineAsSecureString() => Ask(_questions.ReadSecret);

    public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<FieldDescription> descriptions) =>
        Ask(() => _questions.AskFields(caption, message, descriptions));

    public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) =>
        Ask(() => _questions.Choose(caption, message, choices, defaultChoice));

    public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) =>
        Ask(() => _questions.AskCredential(caption, message, userName));

    public override PSCredential PromptForCredential(
        string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
        PromptForCredential(caption, message, userName, targetName);

    private T Ask<T>(Func<T> question)
    {
        Finish();
        return question();
    }

    /// <summary>
    /// What <paramref name="show"/> renders goes to standard error: Out-Default treats an error from outside its pipeline like any object.
    /// </summary>
    public void ShowAsError(Action show)
    {
        _allAsErrors = true;
        try
        {
            show();
        }
        finally
        {
            _allAsErrors = false;
        }
    }

    /// <summary>What <paramref name="show"/> renders, as plain text, instead of showing it.</summary>
    public string Capture(Action show)
    {
        var outer = _capture;
        using var text = new StringWriter();
        _capture = text;
        try
        {
            show();
            return text.ToString();
        }
        finally
        {
            _capture = outer;
        }
    }

    private void ToOutput(string text, bool newLine)
    {
        if (_capture is { } capture)
            Write(capture, terminal: false, text, newLine);
        else if (_allAsErrors)
            Write(_streams.Error, _streams.IsErrorTerminal, text, newLine);
        else
            Write(_streams.Output, _streams.IsOutputTerminal, text, newLine);
    }

    private void ToError(string text) => Write(_streams.Error, _streams.IsErrorTerminal, text, newLine: true);

    private void Write(TextWriter writer, bool terminal, string text, bool newLine)
    {
        var rendered = Render(text, terminal);
        lock (_lock)
        {
            _progress?.Erase();
            if (newLine)
                writer.WriteLine(rendered);
            else
                writer.Write(rendered);
        }
    }

    /// <summary>Format views and $PSStyle write escape sequences; files and pipes get none.</summary>
    private static string Render(string text, bool terminal) =>
        new StringDecorated(text).ToString(terminal ? OutputRendering.Ansi : OutputRendering.PlainText);
}
