using System.Management.Automation;
using VpsAdmin.Client;

namespace VpsAdmin.PS.Arguments;

/// <summary>Reads a <see cref="DatasetArgument"/>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DatasetTransformationAttribute : ArgumentTransformationAttribute
{
    /// <summary>What is taken: the record whose <c>Id</c> it is, one that refers to its root dataset, an id, and a name.</summary>
    public IReadOnlyList<Type> Types { get; } = [typeof(Dataset), typeof(Vps), typeof(long), typeof(string)];

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        if (inputData is object[] list)
            return list.Select(Read).ToArray();
        return Read(inputData);
    }

    private static DatasetArgument Read(object row)
    {
        var inputData = PipelineObject.Column(row, "Dataset")!;
        if (PipelineObject.Read(inputData, typeof(Dataset), "Id") is { } id)
            return new DatasetArgument(id);
        if (PipelineObject.ReadReference(inputData, typeof(Vps), "Dataset") is { } root)
            return new DatasetArgument(root);
        return (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
        {
            DatasetArgument argument => argument,
            string { Length: > 0 } name => new DatasetArgument(name),
            sbyte or byte or short or ushort or int or uint or long when LanguagePrimitives.ConvertTo<long>(inputData) is > 0 and var number => new DatasetArgument(number),
            _ => throw new ArgumentTransformationMetadataException($"'{inputData}' is neither a dataset nor the id or name of one."),
        };
    }
}
