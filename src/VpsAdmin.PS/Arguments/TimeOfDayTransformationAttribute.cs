using System.Globalization;
using System.Management.Automation;

namespace VpsAdmin.PS.Arguments;

/// <summary>A time of day in whole minutes, such as <c>02:30</c>.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class TimeOfDayTransformationAttribute : ArgumentTransformationAttribute
{
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        inputData is object[] list ? list.Select(Read).ToArray() : (TimeOnly[])[Read(inputData)];

    private static TimeOnly Read(object inputData) => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) switch
    {
        TimeOnly time when time.Ticks % TimeSpan.TicksPerMinute == 0 => time,
        string text when TimeOnly.TryParseExact(text, ["H:mm", "HH:mm"], CultureInfo.InvariantCulture, DateTimeStyles.None, out var time) => time,
        _ => throw new ArgumentTransformationMetadataException($"'{inputData}' is not a time of day, such as 02:30."),
    };
}
