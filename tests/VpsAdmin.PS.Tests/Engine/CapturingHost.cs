using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Host;
using System.Management.Automation.Internal;
using System.Security;
using System.Text;

namespace VpsAdmin.PS.Tests.Engine;

/// <summary>A host of 100 columns that remembers what is written to it.</summary>
internal sealed class CapturingHost : PSHost
{
    private readonly CapturingUI _ui = new();

    /// <summary>Without colours.</summary>
    public string Text => new StringDecorated(_ui.Text).ToString(OutputRendering.PlainText);
    public void Clear() => _ui.Clear();

    /// <summary>What the person types, line by line; without any, nobody is there.</summary>
    public Queue<string> Answers => _ui.Answers;

    /// <summary>What is answered when somebody is asked to choose; null: the default.</summary>
    public int? Choice { get => _ui.Choice; set => _ui.Choice = value; }

    /// <summary>What the person at the host types into a field of this name; null: nobody is there.</summary>
    public Func<string, string>? Answer { set => _ui.Answer = value; }

    public override CultureInfo CurrentCulture => CultureInfo.InvariantCulture;
    public override CultureInfo CurrentUICulture => CultureInfo.InvariantCulture;
    public override Guid InstanceId { get; } = Guid.NewGuid();
    public override string Name => "Capturing";
    public override PSHostUserInterface UI => _ui;
    public override Version Version { get; } = new(1, 0);
    public override void EnterNestedPrompt() => throw new NotSupportedException();
    public override void ExitNestedPrompt() => throw new NotSupportedException();
    public override void NotifyBeginApplication() { }
    public override void NotifyEndApplication() { }
    public override void SetShouldExit(int exitCode) { }

    private sealed class CapturingUI : PSHostUserInterface
    {
        private readonly StringBuilder _text = new();
        private readonly CapturingRawUI _raw = new();

        public int? Choice { get; set; }

        public string Text { get { lock (_text) return _text.ToString(); } }
        public void Clear() { lock (_text) _text.Clear(); }
        public Func<string, string>? Answer { get; set; }

        public override PSHostRawUserInterface RawUI => _raw;
        public override void Write(string value) { lock (_text) _text.Append(value); }
        public override void Write(ConsoleColor foregroundColor, ConsoleColor backgroundColor, string value) => Write(value);
        public override void WriteLine(string value) => Write(value + "\n");
        public override void WriteErrorLine(string value) => WriteLine("ERROR: " + value);
        public override void WriteDebugLine(string message) => WriteLine("DEBUG: " + message);
        public override void WriteVerboseLine(string message) => WriteLine("VERBOSE: " + message);
        public override void WriteWarningLine(string message) => WriteLine("WARNING: " + message);
        public override void WriteProgress(long sourceId, ProgressRecord record) { }

        public Queue<string> Answers { get; } = new();
        public override string ReadLine() => Answers.TryDequeue(out var answer) ? answer : throw new NotSupportedException("Nobody is there.");
        public override SecureString ReadLineAsSecureString() => throw new NotSupportedException();
        public override Dictionary<string, PSObject> Prompt(string caption, string message, Collection<System.Management.Automation.Host.FieldDescription> descriptions)
        {
            if (Answer is not { } answer)
                throw new NotSupportedException();
            WriteLine(string.Join('\n', [caption, message, .. descriptions.Select(d => d.Label)]));
            return descriptions.ToDictionary(d => d.Name, d => PSObject.AsPSObject(answer(d.Name)));
        }

        public override int PromptForChoice(string caption, string message, Collection<ChoiceDescription> choices, int defaultChoice) => Choice ?? defaultChoice;
        public override PSCredential PromptForCredential(string caption, string message, string userName, string targetName) => throw new NotSupportedException();
        public override PSCredential PromptForCredential(
            string caption, string message, string userName, string targetName, PSCredentialTypes allowedCredentialTypes, PSCredentialUIOptions options) =>
            throw new NotSupportedException();
    }

    private sealed class CapturingRawUI : PSHostRawUserInterface
    {
        public override ConsoleColor BackgroundColor { get; set; }
        public override ConsoleColor ForegroundColor { get; set; }
        public override Size BufferSize { get; set; } = new(100, 1000);
        public override Coordinates CursorPosition { get; set; }
        public override int CursorSize { get; set; }
        public override bool KeyAvailable => false;
        public override Size MaxPhysicalWindowSize => BufferSize;
        public override Size MaxWindowSize => BufferSize;
        public override Coordinates WindowPosition { get; set; }
        public override Size WindowSize { get; set; } = new(100, 50);
        public override string WindowTitle { get; set; } = "";
        public override void FlushInputBuffer() { }
        public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw new NotSupportedException();
        public override KeyInfo ReadKey(ReadKeyOptions options) => throw new NotSupportedException();
        public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) { }
        public override void SetBufferContents(Rectangle rectangle, BufferCell fill) { }
        public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) { }
    }
}
