using System.Security.Cryptography;
using VpsAdmin.Lab.Http;

namespace VpsAdmin.FaultServer;

/// <summary>A snapshot of the one dataset.</summary>
/// <param name="CreatedAt">UTC.</param>
public sealed record ServedSnapshot(long Id, string Name, DateTimeOffset CreatedAt, int HistoryId);

/// <summary>A snapshot download: its record, and its file as far as the server has written it.</summary>
public sealed class ServedDownload : IDisposable
{
    private readonly ExportScript _script;
    private readonly Lock _gate = new();
    private readonly List<byte[]> _versions = [];
    private byte[] _whole;
    private int _written;
    private int _looks;
    private int _made = 1;
    private string? _sha256;

    /// <param name="whole">What the file is when it is complete.</param>
    internal ServedDownload(long id, ServedSnapshot snapshot, ServedSnapshot? from, ExportScript script, byte[] whole)
    {
        (Id, Snapshot, From, _script, _whole) = (id, snapshot, from, script, whole);
        Key = RandomNumberGenerator.GetHexString(24, lowercase: true);
        _written = script.Grow is null && script.AppearAfter == 0 ? whole.Length : 0;
        Show();
    }

    public long Id { get; }

    public ServedSnapshot Snapshot { get; }

    public ServedSnapshot? From { get; }

    /// <summary>The secret in its address.</summary>
    public string Key { get; }

    public ScriptedFile File { get; } = new();

    /// <summary>What the file is when it is complete.</summary>
    public byte[] Whole
    {
        get
        {
            lock (_gate)
                return _whole;
        }
    }

    /// <summary><c>archive</c>, <c>stream</c> or <c>incremental_stream</c>.</summary>
    public string Format => _script.Format;

    internal string FileName => _script.FileName ?? $"{Snapshot.Id}{(Format switch { "archive" => ".tar.gz", "stream" => ".dat.gz", _ => ".inc.dat.gz" })}";

    /// <summary>What the file was, complete, each time that the server made it, the last one included.</summary>
    public IReadOnlyList<byte[]> Versions
    {
        get
        {
            lock (_gate)
                return [.. _versions, _whole];
        }
    }

    internal (bool Ready, long SizeMiB, string? Sha256) State
    {
        get
        {
            lock (_gate)
            {
                var ready = _written == _whole.Length && _looks >= _script.AppearAfter;
                return (ready, _whole.Length >> 20, ready ? _script.Sha256 ?? (_sha256 ??= Convert.ToHexStringLower(SHA256.HashData(_whole))) : null);
            }
        }
    }

    /// <summary>Somebody asks for its state: the time for the file to become longer.</summary>
    internal void Look()
    {
        lock (_gate)
        {
            _looks++;
            if (_looks >= _script.AppearAfter)
                _written = (int)Math.Min(_whole.Length, _written + (long)(_script.Grow ?? _whole.Length));
            Show();
        }
    }

    /// <summary>The server makes the file anew: as long a part of it is there as before.</summary>
    internal void Rewrite()
    {
        lock (_gate)
        {
            var wasWhole = _written == _whole.Length;
            _versions.Add(_whole);
            (_whole, _sha256) = (ExportContent.Anew(_whole, ++_made), null);
            _written = wasWhole ? _whole.Length : Math.Min(_written, _whole.Length);
            Show();
        }
    }

    internal void ShrinkTo(int length)
    {
        lock (_gate)
        {
            _written = Math.Min(_written, length);
            Show();
        }
    }

    public void Dispose() => File.Dispose();

    private void Show()
    {
        File.Content = _written == 0 && _whole.Length > 0 ? null : _written == _whole.Length ? _whole : _whole[.._written];
        File.ETag = $"\"{_made:x}-{_written:x}\"";
    }
}
