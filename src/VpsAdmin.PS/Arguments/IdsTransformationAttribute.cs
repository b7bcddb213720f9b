using System.Management.Automation;

namespace VpsAdmin.PS.Arguments;

/// <summary>As <see cref="IdTransformationAttribute"/>, for one or several.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class IdsTransformationAttribute(Type type) : ArgumentTransformationAttribute
{
    private readonly IdTransformationAttribute _one = new(type);

    /// <summary>The record whose <c>Id</c> it is.</summary>
    public Type Type { get; } = type;

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject { BaseObject: object[] wrapped } ? wrapped : inputData) is object[] list
            ? list.Select(item => (long)_one.Transform(engineIntrinsics, item)).ToArray()
            : (long[])[(long)_one.Transform(engineIntrinsics, inputData)];
}
