using System.Management.Automation;

namespace VpsAdmin.PS.Arguments;

/// <summary>Reads records as the pipeline brings them: live, wrapped, or revived from serialization.</summary>
internal static class PipelineObject
{
    private const string Revived = "Deserialized.";

    /// <returns>The number in a property of an object of this type; null when it is of another type or has none.</returns>
    public static long? Read(object? value, Type type, string property)
    {
        if (value is null)
            return null;
        var wrapped = PSObject.AsPSObject(value);
        if (!wrapped.TypeNames.Any(name => name == type.FullName || name == Revived + type.FullName))
            return null;
        return LanguagePrimitives.TryConvertTo(wrapped.Properties[property]?.Value, out long number) && number > 0 ? number : null;
    }

    /// <summary>
    /// A row of a table, as Import-Csv makes it, stands for the value in the column of this name: a parameter that takes the pipeline's objects
    /// is given the whole row.
    /// </summary>
    public static object? Column(object? value, string name) =>
        value is PSObject { BaseObject: PSCustomObject } row
        // A revived record is itself.
        && !row.TypeNames.Any(static type => type.StartsWith(Revived + nameof(VpsAdmin), StringComparison.Ordinal))
        && row.Properties[name]?.Value is { } cell ? cell : value;

    /// <summary>Follows one association, such as a server's root dataset.</summary>
    public static long? ReadReference(object? value, Type type, string property)
    {
        if (value is null || PSObject.AsPSObject(value) is not { } wrapped || !wrapped.TypeNames.Any(n => n == type.FullName || n == Revived + type.FullName))
            return null;
        var reference = wrapped.Properties[property]?.Value;
        return reference is not null
            && LanguagePrimitives.TryConvertTo(PSObject.AsPSObject(reference).Properties["Id"]?.Value, out long number) && number > 0 ? number : null;
    }
}
