using System.Security.Cryptography;

namespace VpsAdmin.Lab.Vps2016;

/// <param name="Name">Full name, <c>101/var</c>.</param>
public sealed record OldDataset(long Id, string Name, OldDataset? Parent, int HistoryId);

public sealed record OldSnapshot(long Id, OldDataset Dataset, string Name, DateTimeOffset CreatedAt, int HistoryId);

/// <summary>An export. Change it with the methods of <see cref="OldVpsAdmin"/>.</summary>
public sealed class OldDownload
{
    public required long Id { get; init; }

    public required OldSnapshot Snapshot { get; init; }

    public OldSnapshot? FromSnapshot { get; init; }

    /// <summary>archive, stream or incremental_stream.</summary>
    public required string Format { get; init; }

    public required string FileName { get; init; }

    public string SecretKey { get; } = Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(50));

    public required DateTimeOffset CreatedAt { get; init; }

    public bool SendMail { get; init; }

    /// <summary>The file as it will be.</summary>
    public required byte[] Content { get; init; }

    /// <summary>Bytes of it that are there; null: the node has not begun, the address is 404.</summary>
    public int? Written { get; internal set; }

    public bool Ready { get; internal set; }
}
