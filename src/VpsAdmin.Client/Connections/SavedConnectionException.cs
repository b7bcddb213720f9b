namespace VpsAdmin.Client.Connections;

public enum SavedConnectionFailure
{
    /// <summary>Others may read or replace it.</summary>
    Unsafe,

    /// <summary>It cannot be understood.</summary>
    Damaged,

    /// <summary>Another process holds it.</summary>
    Busy,
}

/// <summary>The file of saved connections cannot be used. The message never shows what is in it.</summary>
public sealed class SavedConnectionException(SavedConnectionFailure failure, string path, string message, Exception? inner = null) : Exception(message, inner)
{
    public SavedConnectionFailure Failure { get; } = failure;

    public string Path { get; } = path;
}
