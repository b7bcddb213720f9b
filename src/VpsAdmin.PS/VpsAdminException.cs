namespace VpsAdmin.PS;

/// <summary>What a cmdlet itself refuses, with its place in <see cref="Errors"/>.</summary>
public sealed class VpsAdminException : Exception
{
    internal VpsAdminException(ErrorKind kind, string message, object? target, Exception? inner = null)
        : base(message, inner)
    {
        Kind = kind;
        Target = target;
    }

    internal ErrorKind Kind { get; }

    internal object? Target { get; }
}
