namespace VpsAdmin.Backup.Scheduling;

/// <summary>A schedule cannot be written for a scheduler.</summary>
/// <param name="property">Name of the property of <see cref="BackupSchedule"/> that has to be another.</param>
/// <param name="message">What is wrong with its value.</param>
public sealed class InvalidScheduleException(string property, string message) : Exception(message)
{
    public string Property { get; } = property;
}
