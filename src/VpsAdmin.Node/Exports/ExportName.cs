using VpsAdmin.Zfs;

namespace VpsAdmin.Node.Exports;

/// <summary>Folder and file of a download, as a message names them, checked: neither can lead out of the download area.</summary>
internal sealed record ExportName
{
    private const int SecretLength = 100;

    private ExportName(string secretKey, string fileName)
    {
        SecretKey = secretKey;
        FileName = fileName;
    }

    public string SecretKey { get; }

    public string FileName { get; }

    /// <exception cref="TransactionException">Not the names of a download. The secret key is not repeated.</exception>
    public static ExportName Parse(string secretKey, string fileName)
    {
        if (secretKey.Length != SecretLength || !secretKey.All(char.IsAsciiHexDigitLower))
            throw new TransactionException($"The secret key of the download is not {SecretLength} lower-case hexadecimal digits.");
        // File names are made of dataset and snapshot names, so ZFS's own letters are enough.
        if (!ZfsName.IsComponent(fileName) || fileName[0] == '.')
            throw new TransactionException($"'{fileName}' is not a name of a download's file.");
        return new ExportName(secretKey, fileName);
    }

    public ExportFile In(string area) => new(area, this);

    /// <summary>Keeps the secret key, a part of the path, out of a message.</summary>
    public string Redact(string message) => message.Replace(SecretKey, "(secret key)", StringComparison.OrdinalIgnoreCase);
}
