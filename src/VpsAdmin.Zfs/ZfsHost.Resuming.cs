namespace VpsAdmin.Zfs;

/// <summary>What a partial receive is a part of.</summary>
public sealed partial class ZfsHost
{
    /// <summary>What a token stands for; null when zfs does not tell.</summary>
    public async Task<ResumeToken?> ReadResumeTokenAsync(string token, CancellationToken cancel)
    {
        // It prints the contents first; that the snapshot is not on this machine is its error afterwards, and no news.
        var (_, output, result) = await _zfs.CaptureAsync(["send", "-nvt", ZfsArgument.Token(token)], cancel).ConfigureAwait(false);
        return ResumeToken.Parse($"{output}\n{result.StandardError}");
    }
}
