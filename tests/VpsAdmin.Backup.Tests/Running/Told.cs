namespace VpsAdmin.Backup.Tests.Running;

/// <summary>Acts on what a backup tells of its progress, at once and in its way.</summary>
internal sealed class Told(Action<BackupProgress> act) : IProgress<BackupProgress>
{
    public void Report(BackupProgress value) => act(value);
}
