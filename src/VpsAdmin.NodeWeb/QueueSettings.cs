using System.Globalization;
using Microsoft.Extensions.Configuration;
using VpsAdmin.Node;

namespace VpsAdmin.NodeWeb;

/// <summary>
/// How many transactions of a queue run at once, and how long after the start of a node they begin, where it is not as by default:
/// <c>"general": 4</c> or <c>"zfs_send": { "limit": 2, "startdelay": "01:30:00" }</c>.
/// </summary>
public static class QueueSettings
{
    private const int Most = 1000;
    private static readonly TimeSpan LongestDelay = TimeSpan.FromDays(1);

    /// <param name="section">Queues by name.</param>
    /// <exception cref="FormatException">There is no such queue, or what it is given cannot be; the message is for the person who wrote it.</exception>
    public static IReadOnlyList<QueueLimit> Read(IConfigurationSection section)
    {
        var queues = QueueLimit.Defaults.ToList();
        foreach (var setting in section.GetChildren())
        {
            var index = queues.FindIndex(q => q.Name == setting.Key);
            if (index < 0)
                throw new FormatException($"queues: there is no queue '{setting.Key}'; there are {string.Join(", ", queues.Select(static q => q.Name))}.");
            var queue = queues[index];
            if ((setting.Value ?? setting["limit"]) is { } limit)
                queue = queue with { Concurrency = Limit(queue.Name, limit) };
            if (setting["startdelay"] is { } delay)
                queue = queue with { StartDelay = Delay(queue.Name, delay) };
            queues[index] = queue;
        }
        return queues;
    }

    private static int Limit(string queue, string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is > 0 and <= Most
        ? number
        : throw new FormatException($"queues: '{text}' is no number of transactions of the queue {queue} from 1 to {Most}.");

    private static TimeSpan Delay(string queue, string text) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var delay) && delay >= TimeSpan.Zero && delay <= LongestDelay
        ? delay
        : throw new FormatException($"queues: '{text}' is no start delay of the queue {queue}, such as 01:30:00, of a day at most.");
}
