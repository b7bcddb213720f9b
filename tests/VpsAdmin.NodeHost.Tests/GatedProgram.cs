using VpsAdmin.Lab;
using VpsAdmin.Zfs.Processes;

namespace VpsAdmin.NodeHost.Tests;

/// <summary>Where a program waits.</summary>
internal enum GateAt
{
    Beginning,
    /// <summary>In the middle of what it writes.</summary>
    Output,
    /// <summary>In the middle of what it reads.</summary>
    Input,
}

/// <summary>A program that waits, when it is called in a certain way, until the gate is opened; what else it is asked it does at once.</summary>
internal sealed class GatedProgram
{
    // Bytes of the test's megabyte.
    private const int Half = 1 << 19;

    private readonly string _state;

    private GatedProgram(string state) => _state = state;

    /// <summary>What it was asked in that way, so far.</summary>
    public string[] Calls => File.ReadAllLines(Path.Combine(_state, "calls"));

    /// <summary>Puts it, or another gate in its place, into a folder that comes before the machine's own programs.</summary>
    /// <param name="calls">A pattern of the shell for arguments: those calls wait.</param>
    /// <param name="at">Where they do.</param>
    /// <param name="skip">So many of them pass before.</param>
    public static async Task<GatedProgram> PlaceAsync(string folder, string program, string calls, CancellationToken cancel, GateAt at = GateAt.Beginning, int skip = 0)
    {
        var state = Directory.CreateDirectory(Path.Combine(folder, $"{program}-{Guid.NewGuid():N}")).FullName;
        // The pipe blocks whoever opens it for reading until somebody opens it for writing: the test.
        await using (var mkfifo = OwnedProcess.Start(new ProcessSpec("mkfifo", [Path.Combine(state, "gate")])))
            Assert.Equal(0, (await mkfifo.Completion.WaitAsync(cancel)).ExitCode);
        var path = Path.Combine(folder, program);
        var real = $"'{OwnedProcess.Locate(program)}' \"$@\"";
        var gated = at switch
        {
            GateAt.Output => $"{real} | {{ head -c {Half}; pass; cat; }}; status=$?; : > '{state}/ended'; exit $status",
            GateAt.Input => $"{{ head -c {Half}; pass; cat; }} | {real}; exit",
            _ => "pass",
        };
        await ProgramFile.WriteAsync(path + ".part",
            $$"""
            #!/bin/sh
            pass() { : > '{{state}}/waiting'; read -r line < '{{state}}/gate'; }
            case "$*" in
              {{calls}})
                echo "$*" >> '{{state}}/calls'
                [ -e '{{state}}/open' ] || [ $(grep -c '' '{{state}}/calls') -le {{skip}} ] || { {{gated}}; } ;;
            esac
            exec {{real}}
            """);
        File.Move(path + ".part", path, overwrite: true);
        return new(state);
    }

    /// <summary>Whether one that waited in the middle of what it writes has come to its end.</summary>
    public bool HasEnded() => File.Exists(Path.Combine(_state, "ended"));

    /// <summary>Completes when one waits at the gate.</summary>
    public async Task WaitingAsync(CancellationToken cancel)
    {
        using var look = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!File.Exists(Path.Combine(_state, "waiting")))
            await look.WaitForNextTickAsync(cancel);
    }

    /// <summary>Lets them pass from now on; also the one that waits, if it is still there.</summary>
    public void Open()
    {
        File.WriteAllText(Path.Combine(_state, "open"), "");
        // Read and write: it opens also where nobody waits any more.
        using var gate = new FileStream(Path.Combine(_state, "gate"), FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite);
        gate.Write("go\n"u8);
        gate.Flush();
    }
}
