namespace VpsAdmin.Server.Chains;

public enum ChainState
{
    /// <summary>Being built.</summary>
    Staged = 0,
    /// <summary>Going forward.</summary>
    Queued = 1,
    Done = 2,
    /// <summary>Going back.</summary>
    Rollbacking = 3,
    /// <summary>Undone as far as it can be; what stays done takes effect.</summary>
    Failed = 4,
    /// <summary>Undoing failed: an administrator has to look, and what it locked stays locked.</summary>
    Fatal = 5,
    /// <summary>An administrator has looked.</summary>
    Resolved = 6,
}

public enum StepState
{
    Waiting = 0,
    Running = 1,
    Done = 2,
    Failed = 3,
    Undoing = 4,
    Undone = 5,
    UndoFailed = 6,
}

/// <summary>What the failure of a transaction means to its chain, and what the failure of a later one means to it.</summary>
public enum FailurePolicy
{
    /// <summary>The chain turns back; the transaction is undone.</summary>
    Undo = 0,
    /// <summary>The chain turns back, but the transaction itself cannot be undone: what it did stays done, and with it what its loss was made good by before.</summary>
    Irreversible = 1,
    /// <summary>The chain goes on, and stepping back skips the transaction.</summary>
    KeepGoing = 2,
}

/// <param name="CanInterrupt">It can be stopped in the middle, and undone then.</param>
/// <param name="UndoLosesNothing">Undoing it destroys nothing of what people have.</param>
public readonly record struct ChainStep(StepState State, FailurePolicy OnFailure, bool CanInterrupt = false, bool UndoLosesNothing = false);

public enum ChainOrder
{
    /// <summary>Nothing to do but wait.</summary>
    None,
    /// <summary>Hand the step at <see cref="ChainMove.Step"/> to its node.</summary>
    Run,
    /// <summary>Have the step at <see cref="ChainMove.Step"/> undone by its node.</summary>
    Undo,
    /// <summary>The end: carry out all confirmations and release the locks.</summary>
    Close,
    /// <summary>The end, a bad one: confirm nothing, release nothing.</summary>
    Halt,
}

/// <param name="Steps">States of all steps after the move.</param>
public sealed record ChainMove(ChainState State, IReadOnlyList<StepState> Steps, ChainOrder Order, int Step = -1);

/// <summary>
/// How a chain goes, step by step, strictly in sequence. A failure turns it back: the failed step is undone first (it may have done half
/// of its work), then those before it, in reverse. Behind an irreversible step that has begun that ends where undoing would lose something: what
/// that step has destroyed, wholly or in part, the steps before it may have copied first, and theirs is the only copy then.
/// </summary>
public static class ChainMachine
{
    public static bool IsFinished(ChainState state) => state is ChainState.Done or ChainState.Failed or ChainState.Fatal or ChainState.Resolved;

    /// <summary>Success so far, as clients see it.</summary>
    public static bool IsGood(ChainState state) => state is ChainState.Staged or ChainState.Queued or ChainState.Done;

    /// <summary>Finished and not undone.</summary>
    public static int Progress(IReadOnlyList<ChainStep> steps) =>
        steps.Count(static s => s.State is StepState.Done || (s.State is StepState.Failed && s.OnFailure is FailurePolicy.KeepGoing));

    /// <summary>Whether the confirmations of a step of a closed chain are carried out as a success.</summary>
    public static bool Succeeded(StepState state) => state is StepState.Done;

    /// <summary>A chain that was just built.</summary>
    public static ChainMove Start(IReadOnlyList<ChainStep> steps) => Forward(States(steps), steps, 0);

    /// <summary>What a chain that was saved in the middle waits for; its node may or may not have heard of it.</summary>
    public static ChainMove Resume(ChainState state, IReadOnlyList<ChainStep> steps)
    {
        var states = States(steps);
        return state switch
        {
            ChainState.Queued when states.IndexOf(StepState.Running) is var running and >= 0 => new(state, states, ChainOrder.Run, running),
            ChainState.Queued when states.TrueForAll(static s => s is StepState.Waiting) => Start(steps),
            ChainState.Rollbacking when states.IndexOf(StepState.Undoing) is var undoing and >= 0 => new(state, states, ChainOrder.Undo, undoing),
            _ => new(state, states, ChainOrder.None),
        };
    }

    /// <summary>A node reports on the step at <paramref name="index"/>. A report that nobody waits for changes nothing.</summary>
    public static ChainMove Finished(ChainState state, IReadOnlyList<ChainStep> steps, int index, bool success)
    {
        var states = States(steps);
        switch (state, states[index], success)
        {
            case (ChainState.Queued, StepState.Running, true):
                states[index] = StepState.Done;
                return Forward(states, steps, index + 1);

            case (ChainState.Queued, StepState.Running, false):
                states[index] = StepState.Failed;
                return steps[index].OnFailure is FailurePolicy.KeepGoing ? Forward(states, steps, index + 1) : Back(states, steps, index);

            case (ChainState.Rollbacking, StepState.Undoing, true):
                states[index] = StepState.Undone;
                return Back(states, steps, index - 1);

            case (ChainState.Rollbacking, StepState.Undoing, false):
                states[index] = StepState.UndoFailed;
                return new(ChainState.Fatal, states, ChainOrder.Halt);

            default:
                return new(state, states, ChainOrder.None);
        }
    }

    /// <summary>Whether a chain can still be called off: nothing of it runs that has to come to its end.</summary>
    public static bool CanCancel(ChainState state, IReadOnlyList<ChainStep> steps) => state is ChainState.Queued
        && steps.All(static s => s.State is not StepState.Running || (s.CanInterrupt && s.OnFailure is FailurePolicy.Undo));

    /// <summary>Calls a chain off: what runs, or waits for its turn on its node, is undone first, then what was done before it, in reverse.</summary>
    /// <returns>Null when it cannot be called off (any more).</returns>
    public static ChainMove? Cancel(ChainState state, IReadOnlyList<ChainStep> steps)
    {
        if (!CanCancel(state, steps))
            return null;
        var states = States(steps);
        return Back(states, steps, states.FindLastIndex(static s => s is not StepState.Waiting));
    }

    /// <summary>
    /// Ends a chain whose node is gone for good: what it was asked for last counts as failed. Other than a failure that undoes nothing: somebody has looked, as where
    /// undoing has failed, and what was done before stays done.
    /// </summary>
    /// <returns>Null: it waits for no node.</returns>
    public static ChainMove? Abandon(ChainState state, IReadOnlyList<ChainStep> steps)
    {
        var states = States(steps);
        var index = states.FindIndex(static s => s is StepState.Running or StepState.Undoing);
        if (state is not (ChainState.Queued or ChainState.Rollbacking) || index < 0)
            return null;
        states[index] = states[index] is StepState.Running ? StepState.Failed : StepState.UndoFailed;
        return new(ChainState.Resolved, states, ChainOrder.Close, index);
    }

    private static ChainMove Forward(List<StepState> states, IReadOnlyList<ChainStep> steps, int index)
    {
        if (index == steps.Count)
            return new(ChainState.Done, states, ChainOrder.Close);
        states[index] = StepState.Running;
        return new(ChainState.Queued, states, ChainOrder.Run, index);
    }

    private static ChainMove Back(List<StepState> states, IReadOnlyList<ChainStep> steps, int index)
    {
        while (index >= 0 && steps[index].OnFailure is not FailurePolicy.Undo)
            index--;
        if (index < 0 || (index < Lasting(states, steps) && !steps[index].UndoLosesNothing))
            return new(ChainState.Failed, states, ChainOrder.Close);
        states[index] = StepState.Undoing;
        return new(ChainState.Rollbacking, states, ChainOrder.Undo, index);
    }

    /// <summary>The last step that cannot be undone and has begun, so that something may be gone; -1: there is none.</summary>
    private static int Lasting(List<StepState> states, IReadOnlyList<ChainStep> steps) =>
        Enumerable.Range(0, steps.Count).LastOrDefault(index => states[index] is not StepState.Waiting && steps[index].OnFailure is FailurePolicy.Irreversible, -1);

    private static List<StepState> States(IReadOnlyList<ChainStep> steps) => [.. steps.Select(static s => s.State)];
}
