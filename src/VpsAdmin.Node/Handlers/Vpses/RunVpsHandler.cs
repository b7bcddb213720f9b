using System.Text.Json.Nodes;
using VpsAdmin.Node.Runtime;

namespace VpsAdmin.Node.Handlers.Vpses;

/// <summary>
/// 1001, 1002, 1003: starts, stops, restarts a VPS. What it did before is written down first, so that undoing brings that back, whenever the node died.
/// </summary>
/// <param name="machine">Which start of the machine this is (<see cref="VpsAutostart"/>).</param>
internal sealed class RunVpsHandler(TransactionType type, VpsHomes homes, NestedDataset nested, IVpsRuntime runtime, string machine)
    : TransactionHandler<RunVpsInput>(type, NodeJson.Default.RunVpsInput)
{
    private static readonly TimeSpan UndoPatience = TimeSpan.FromSeconds(60);

    protected override async Task<JsonNode?> ExecuteAsync(TransactionMessage message, RunVpsInput input, CancellationToken cancel)
    {
        var home = await homes.FindAsync(input.Place, cancel).ConfigureAwait(false);
        if (home is null && Type is TransactionType.StopVps)
            return null; // Without a system it never ran.
        home ??= await homes.RequireAsync(input.Place, cancel).ConfigureAwait(false);
        var note = new RunNote(home, message);
        // Delivered again, a restart may have been done already: it is done once more, as nobody can tell.
        if (note.WasRunning is null)
            note.Write(await runtime.IsRunningAsync(home, cancel).ConfigureAwait(false));
        if (Type is not TransactionType.StartVps)
            await StopAsync(home, Patience(input), cancel).ConfigureAwait(false);
        if (Type is not TransactionType.StopVps)
            await StartAsync(input.Place, home, cancel).ConfigureAwait(false);
        return null;
    }

    protected override async Task RollbackAsync(TransactionMessage message, RunVpsInput input, CancellationToken cancel)
    {
        if (await homes.FindAsync(input.Place, cancel).ConfigureAwait(false) is not { } home)
            return;
        switch (new RunNote(home, message).WasRunning)
        {
            case true:
                await StartAsync(input.Place, home, cancel).ConfigureAwait(false);
                break;
            case false:
                await StopAsync(home, UndoPatience, cancel).ConfigureAwait(false);
                break;
        }
    }

    private async Task StartAsync(VpsPlace place, VpsHome home, CancellationToken cancel)
    {
        await nested.StartAsync(place, mount => runtime.StartAsync(home, mount, cancel), cancel).ConfigureAwait(false);
        VpsAutostart.Note(home, machine);
    }

    /// <remarks>Whatever becomes of the machine meanwhile, a VPS that is to stand still does not start by itself: it may be on its way to another node.</remarks>
    private Task StopAsync(VpsHome home, TimeSpan patience, CancellationToken cancel)
    {
        VpsAutostart.Forget(home);
        return runtime.StopAsync(home, patience, cancel);
    }

    private static TimeSpan Patience(RunVpsInput input) =>
        input.Patience is >= 0 and <= 3600 ? TimeSpan.FromSeconds(input.Patience) : throw new TransactionException($"Nobody waits {input.Patience} seconds for a VPS.");

    /// <summary>
    /// Whether the VPS ran before a transaction that started or stopped it: a line for each of the same chain, as undoing it undoes them all. Those of
    /// chains before are forgotten.
    /// </summary>
    private sealed class RunNote(VpsHome home, TransactionMessage message)
    {
        private const string Running = "running";

        private readonly string _file = Path.Combine(home.Folder, "run");
        private readonly string _chain = $"{message.Installation}/{message.ChainId}";
        private readonly string _mark = TransactionMark.Of(message);

        /// <summary>Null: the transaction has not begun.</summary>
        public bool? WasRunning => Lines().Select(static line => line.Split(' ')).LastOrDefault(words => words.Length > 1 && words[^2] == _mark) is { } words ? words[^1] == Running : null;

        public void Write(bool running)
        {
            var chain = _chain + " ";
            File.WriteAllLines(_file + ".part", [.. Lines().Where(line => line.StartsWith(chain, StringComparison.Ordinal)), $"{chain}{_mark} {(running ? Running : "stopped")}"]);
            File.Move(_file + ".part", _file, overwrite: true);
        }

        private string[] Lines() => File.Exists(_file) ? File.ReadAllLines(_file) : [];
    }
}
