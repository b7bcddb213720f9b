using System.Management.Automation;

namespace VpsAdmin.PS;

/// <summary>Errors about virtual servers.</summary>
internal static partial class Errors
{
    public static readonly ErrorKind NothingToChange = new("NothingToChange", ErrorCategory.InvalidArgument, "Give one of the parameters that change something.");
}
