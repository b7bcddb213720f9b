namespace VpsAdmin.Zfs;

/// <summary>
/// What ZFS accepts as names (zfsconcepts(7), zcommon/zfs_namecheck.c). Every name that comes from a server or a user is
/// checked here before it becomes an argument of a command. A full name begins with a letter, so it is never taken for an option.
/// </summary>
public static class ZfsName
{
    /// <summary>ZFS_MAX_DATASET_NAME_LEN, less the terminating zero; of a full name, with the part behind the <c>@</c>.</summary>
    public const int MaxLength = 255;

    public static bool IsDataset(string name) =>
        name.Length is > 0 and <= MaxLength
        && char.IsAsciiLetter(name[0])
        && name.Split('/').All(IsComponent);

    /// <summary>One path component of a dataset, or the part of a snapshot behind the <c>@</c>.</summary>
    /// <remarks>ZFS lets a component begin with a dash: never pass one to a command by itself.</remarks>
    public static bool IsComponent(string name) =>
        name.Length is > 0 and <= MaxLength
        && name is not "." and not ".."
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.' or ':' or ' ');

    /// <summary>The part of a snapshot behind the <c>@</c>.</summary>
    public static bool IsSnapshot(string name) => IsComponent(name);

    /// <summary>A property of ZFS or of a user (zfsprops(7)): lower case, not an option, nothing that splits an argument.</summary>
    public static bool IsProperty(string name) =>
        name.Length is > 0 and <= MaxLength
        && (char.IsAsciiLetterLower(name[0]) || char.IsAsciiDigit(name[0]))
        && name.All(static c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is ':' or '-' or '.' or '_');
}
