using System.Management.Automation;
using VpsAdmin.Client.Connections;

namespace VpsAdmin.PS.Arguments;

/// <summary>A name that a connection may have.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidateConnectionNameAttribute : ValidateEnumeratedArgumentsAttribute
{
    protected override void ValidateElement(object element)
    {
        if (!ConnectionName.IsValid(element as string))
            throw new ValidationMetadataException($"'{element}' is not a name for a connection: up to 100 letters, digits and . _ : @ - are.");
    }
}
