namespace VpsAdmin.Server.Data;

/// <summary>The unit of sizes in the API.</summary>
public static class Mebibytes
{
    public const long Bytes = 1L << 20;

    public static long Floor(long bytes) => bytes / Bytes;

    public static long? Floor(long? bytes) => bytes / Bytes;
}
