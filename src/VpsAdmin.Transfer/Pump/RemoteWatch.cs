using VpsAdmin.Transfer.Sinks;

namespace VpsAdmin.Transfer.Pump;

/// <summary>Watches how the server's complete file looks. When it looks different, it is suspect until its bytes tell that it is the same.</summary>
internal sealed class RemoteWatch(TransferSink sink)
{
    private RemoteFile? _known;

    public bool IsSuspect { get; private set; }

    /// <summary>Goes on from what an earlier run saw, if it did.</summary>
    public void Begin() => _known = (sink as IStoredSink)?.Remote;

    /// <returns>True when the file has become suspect: it is to be asked for its last bytes again.</returns>
    /// <param name="remote">Null while the file is not complete, when looks say nothing.</param>
    public bool BecomesSuspect(RemoteFile? remote)
    {
        if (IsSuspect || remote is null || _known?.LooksLike(remote) != false)
            return false;
        IsSuspect = true;
        return true;
    }

    /// <summary>The bytes are those of the same file.</summary>
    public void Accept(RemoteFile? remote)
    {
        IsSuspect = false;
        if (remote is null)
            return;
        _known = remote;
        (sink as IStoredSink)?.Learn(remote);
    }

    /// <summary>It is another file now.</summary>
    public void Forget() => (IsSuspect, _known) = (false, null);
}
