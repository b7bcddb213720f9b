using System.Management.Automation;
using VpsAdmin.Client.Connections;
using VpsAdmin.PS.Connections;

namespace VpsAdmin.PS.Arguments;

/// <summary>Takes a connection, its name, or an object that was one before it went through a file or to another process.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConnectionTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly string Revived = "Deserialized." + typeof(VpsAdminConnection).FullName;

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is VpsAdminConnection)
            return value;
        var name = value as string ?? RevivedName(inputData);
        return ConnectionName.IsValid(name)
            ? new VpsAdminConnection(name!)
            : throw new ArgumentTransformationMetadataException($"'{inputData}' is neither a connection nor the name of one.");
    }

    private static string? RevivedName(object? value) =>
        value is PSObject revived && revived.TypeNames.Contains(Revived) ? revived.Properties["Name"]?.Value as string : null;
}
