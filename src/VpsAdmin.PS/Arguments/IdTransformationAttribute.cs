using System.Management.Automation;

namespace VpsAdmin.PS.Arguments;

/// <summary>Takes the id of an object, or the object itself, also one that went through a file or a remote session.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdTransformationAttribute(Type type) : ArgumentTransformationAttribute
{
    /// <summary>The record whose <c>Id</c> it is.</summary>
    public Type Type { get; } = type;

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var cell = PipelineObject.Column(inputData, Type.Name);
        if (PipelineObject.Read(cell, Type, "Id") is { } id)
            return id;
        var value = cell is PSObject wrapped ? wrapped.BaseObject : cell;
        if (value is not bool && LanguagePrimitives.TryConvertTo(value, out long number) && number > 0)
            return number;
        throw new ArgumentTransformationMetadataException($"'{inputData}' is neither a {Type.Name} nor the id of one.");
    }
}
