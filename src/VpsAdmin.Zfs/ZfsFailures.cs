namespace VpsAdmin.Zfs;

/// <summary>
/// What the words of <c>zfs</c>, <c>sudo</c> and the C library mean. Exit codes say only "failed" (1) and "wrong usage" (2), and the
/// wording differs between zfs-fuse and the releases of OpenZFS, so phrases are looked for, most telling first.
/// </summary>
internal static class ZfsFailures
{
    private static readonly (string Phrase, ZfsFailure Failure)[] Phrases =
    [
        ("make sure that the zfs-fuse daemon is running", ZfsFailure.Unavailable),
        ("ZFS modules are not loaded", ZfsFailure.Unavailable),
        ("ZFS modules cannot be auto-loaded", ZfsFailure.Unavailable),
        ("/dev/zfs and /proc/self/mounts are required", ZfsFailure.Unavailable),
        (": command not found", ZfsFailure.Unavailable),
        ("zfs: not found", ZfsFailure.Unavailable),

        // Of ssh. Before "permission denied", which it says of keys.
        ("Permission denied (", ZfsFailure.HostUnreachable),
        ("Host key verification failed", ZfsFailure.HostUnreachable),
        ("ssh: connect to host", ZfsFailure.HostUnreachable),
        ("ssh: Could not resolve hostname", ZfsFailure.HostUnreachable),
        ("kex_exchange_identification", ZfsFailure.HostUnreachable),
        ("Too many authentication failures", ZfsFailure.HostUnreachable),

        ("permission denied", ZfsFailure.PermissionDenied),
        ("a password is required", ZfsFailure.PermissionDenied),
        ("is not in the sudoers file", ZfsFailure.PermissionDenied),
        ("is not allowed to execute", ZfsFailure.PermissionDenied),
        ("operation not permitted", ZfsFailure.PermissionDenied),
        // After the more telling reasons: it is the last line of several of them.
        ("failed to initialize ZFS library", ZfsFailure.Unavailable),

        ("out of space", ZfsFailure.OutOfSpace),
        ("no space left on device", ZfsFailure.OutOfSpace),
        ("quota exceeded", ZfsFailure.OutOfSpace),

        ("snapshot has dependent clones", ZfsFailure.InUse),
        ("clones of previous snapshots exist", ZfsFailure.InUse),
        ("filesystem has children", ZfsFailure.InUse),
        ("filesystem has dependent clones", ZfsFailure.InUse),
        ("volume has children", ZfsFailure.InUse),
        ("it's being held", ZfsFailure.InUse),
        ("more recent snapshots", ZfsFailure.InUse),

        // Of receive -s: a later stream still needs it.
        ("contains partially-complete state", ZfsFailure.InUse),

        // Before "exists" and "does not exist": these tell of the stream and its base, not of a missing dataset.
        ("has been modified", ZfsFailure.BadStream),
        ("match incremental source", ZfsFailure.BadStream),
        ("invalid stream", ZfsFailure.BadStream),
        ("invalid backup stream", ZfsFailure.BadStream),
        ("incomplete stream", ZfsFailure.BadStream),
        ("checksum mismatch", ZfsFailure.BadStream),
        ("failed to read from stream", ZfsFailure.BadStream),
        ("upgraded to receive this stream", ZfsFailure.BadStream),
        ("not an earlier snapshot", ZfsFailure.BadStream),
        ("local origin for clone", ZfsFailure.BadStream),
        ("could not find incremental source", ZfsFailure.BadStream),

        ("already exists", ZfsFailure.AlreadyExists),
        ("specify -F to overwrite it", ZfsFailure.AlreadyExists),
        ("must destroy them to overwrite it", ZfsFailure.AlreadyExists),

        ("no such tag", ZfsFailure.NotFound),
        ("does not exist", ZfsFailure.NotFound),
        ("no such pool", ZfsFailure.NotFound),
        ("no such dataset", ZfsFailure.NotFound),
        ("could not find any snapshots", ZfsFailure.NotFound),

        ("is busy", ZfsFailure.Busy),
        ("resource busy", ZfsFailure.Busy),
    ];

    internal static ZfsFailure Classify(string standardError) =>
        Phrases.FirstOrDefault(entry => standardError.Contains(entry.Phrase, StringComparison.OrdinalIgnoreCase)).Failure;

    /// <summary>What to do about it, for the end of a message; null where the words of zfs say it all.</summary>
    internal static string? Advice(ZfsFailure failure) => failure switch
    {
        ZfsFailure.Unavailable => "Install OpenZFS and load its kernel module (modprobe zfs), or start the zfs-fuse daemon.",
        ZfsFailure.HostUnreachable => "See that 'ssh' reaches the host from here without a question: key, known_hosts, user.",
        ZfsFailure.PermissionDenied => "Run as root, let the user do it with 'zfs allow', or use sudo with a rule that needs no password.",
        ZfsFailure.OutOfSpace => "Free space in the pool, or raise the quota.",
        ZfsFailure.Busy => "Something uses it: unmount it, or wait for a send or receive to end.",
        _ => null,
    };
}
