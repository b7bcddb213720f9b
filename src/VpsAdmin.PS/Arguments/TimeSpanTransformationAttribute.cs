using System.Management.Automation;

namespace VpsAdmin.PS.Arguments;

public enum TimeUnit
{
    Seconds,
    Days,
}

/// <summary>
/// Takes a time span, its text, or a number in <paramref name="unit"/>. Without it the engine would read a number as ticks of 100 ns.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeSpanTransformationAttribute(TimeUnit unit) : ArgumentTransformationAttribute
{
    public TimeUnit Unit { get; } = unit;

    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is null or TimeSpan || !LanguagePrimitives.TryConvertTo(value, out double number))
            return inputData!;
        try
        {
            return Unit == TimeUnit.Days ? TimeSpan.FromDays(number) : TimeSpan.FromSeconds(number);
        }
        catch (Exception e) when (e is OverflowException or ArgumentException)
        {
            throw new ArgumentTransformationMetadataException($"{number} {Unit} is not a length of time.", e);
        }
    }
}
