using System.Management.Automation;
using VpsAdmin.Zfs;

namespace VpsAdmin.PS.Arguments;

/// <summary>A name that ZFS accepts for a filesystem.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidateDatasetNameAttribute : ValidateEnumeratedArgumentsAttribute
{
    protected override void ValidateElement(object element)
    {
        if (element is not string name || !ZfsName.IsDataset(name))
            throw new ValidationMetadataException($"'{element}' is not the name of a ZFS filesystem, such as tank/backup.");
    }
}
