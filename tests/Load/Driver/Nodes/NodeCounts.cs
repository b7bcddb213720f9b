namespace VpsAdmin.Load.Nodes;

/// <summary>What all simulated nodes did.</summary>
internal sealed class NodeCounts
{
    private long _works, _questions, _samples, _presences, _silent;

    public void Worked() => Interlocked.Increment(ref _works);

    public void Asked(int vpses)
    {
        Interlocked.Increment(ref _questions);
        Interlocked.Add(ref _samples, vpses);
    }

    public void Told() => Interlocked.Increment(ref _presences);

    public void NotHeard() => Interlocked.Increment(ref _silent);

    public override string ToString() => FormattableString.Invariant(
        $"works done {_works}, questions answered {_questions} with {_samples} samples, presence told {_presences} times and not heard {_silent} times");
}
