namespace VpsAdmin.Nats;

/// <summary>What was worked off last, by its place in the stream: far more of it than the library can have lying in front of whoever reads. Safe to be used from several threads.</summary>
internal sealed class EndedWork
{
    private const int Most = 10_000;

    private readonly Lock _gate = new();
    private readonly HashSet<ulong> _known = [];
    private readonly Queue<ulong> _order = new();

    public void Add(ulong sequence)
    {
        lock (_gate)
        {
            if (!_known.Add(sequence))
                return;
            _order.Enqueue(sequence);
            if (_order.Count > Most)
                _known.Remove(_order.Dequeue());
        }
    }

    public bool Contains(ulong sequence)
    {
        lock (_gate)
            return _known.Contains(sequence);
    }
}
