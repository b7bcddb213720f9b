using System.Management.Automation.Host;

namespace VpsAdmin.Shell.Host;

/// <summary>The formatting engine asks for the width; screens are not painted here.</summary>
internal sealed class ShellRawUserInterface(StandardStreams streams) : PSHostRawUserInterface
{
    private const int Height = 50;

    public override Size BufferSize { get => new(streams.Width, Height); set => throw Unsupported(); }
    public override Size WindowSize { get => BufferSize; set => throw Unsupported(); }
    public override Size MaxWindowSize => BufferSize;
    public override Size MaxPhysicalWindowSize => BufferSize;

    public override ConsoleColor ForegroundColor { get; set; } = ConsoleColor.Gray;
    public override ConsoleColor BackgroundColor { get; set; } = ConsoleColor.Black;
    public override Coordinates CursorPosition { get; set; }
    public override int CursorSize { get; set; }
    public override Coordinates WindowPosition { get; set; }
    public override string WindowTitle { get; set; } = "vpsadmin";
    public override bool KeyAvailable => false;

    public override KeyInfo ReadKey(ReadKeyOptions options) => throw Unsupported();
    public override void FlushInputBuffer() { }
    public override BufferCell[,] GetBufferContents(Rectangle rectangle) => throw Unsupported();
    public override void ScrollBufferContents(Rectangle source, Coordinates destination, Rectangle clip, BufferCell fill) => throw Unsupported();
    public override void SetBufferContents(Coordinates origin, BufferCell[,] contents) => throw Unsupported();
    public override void SetBufferContents(Rectangle rectangle, BufferCell fill) => throw Unsupported();

    private static NotSupportedException Unsupported() => new("vpsadmin does not paint the screen.");
}
