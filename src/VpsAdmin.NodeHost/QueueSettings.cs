using System.Globalization;
using VpsAdmin.Node;

namespace VpsAdmin.NodeHost;

/// <summary>How many transactions of a queue run at once, where it is not as many as by default.</summary>
internal static class QueueSettings
{
    private const int Most = 1000;

    /// <param name="section">Names of queues and numbers.</param>
    /// <exception cref="NodeSetupException">There is no such queue, or the number is none.</exception>
    public static IReadOnlyList<QueueLimit> Read(IConfigurationSection section)
    {
        var queues = QueueLimit.Defaults.ToList();
        foreach (var setting in section.GetChildren())
        {
            var index = queues.FindIndex(q => q.Name == setting.Key);
            if (index < 0)
                throw new NodeSetupException($"queues: there is no queue '{setting.Key}'; there are {string.Join(", ", queues.Select(static q => q.Name))}.");
            queues[index] = int.TryParse(setting.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= Most
                ? queues[index] with { Concurrency = number }
                : throw new NodeSetupException($"queues: '{setting.Value}' is no number of transactions of the queue {setting.Key} from 1 to {Most}.");
        }
        return queues;
    }
}
