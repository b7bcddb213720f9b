using System.Globalization;
using System.Management.Automation;

namespace VpsAdmin.PS.Arguments;

/// <summary>The engine's own ValidateRange cannot name a time span in an attribute.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ValidateTimeSpanAttribute(string minimum, string maximum) : ValidateEnumeratedArgumentsAttribute
{
    public TimeSpan Minimum { get; } = TimeSpan.Parse(minimum, CultureInfo.InvariantCulture);

    public TimeSpan Maximum { get; } = TimeSpan.Parse(maximum, CultureInfo.InvariantCulture);

    protected override void ValidateElement(object element)
    {
        if (element is not TimeSpan value || value < Minimum || value > Maximum)
            throw new ValidationMetadataException($"{element} is not between {Minimum:c} and {Maximum:c}.");
    }
}
