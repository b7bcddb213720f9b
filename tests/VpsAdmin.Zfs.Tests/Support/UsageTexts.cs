namespace VpsAdmin.Zfs.Tests.Support;

/// <summary>What different releases of zfs print as their usage, cut to the subcommands that matter.</summary>
internal static class UsageTexts
{
    internal const string ZfsFuse07 =
        "usage: zfs command args ...\n" +
        "where 'command' is one of the following:\n\n" +
        "\tsnapshot [-r] [-o property=value] ... <filesystem@snapname|volume@snapname>\n" +
        "\trollback [-rRf] <snapshot>\n" +
        "\tlist [-rH][-d max] [-o property[,...]] [-t type[,...]] [-s property] ...\n" +
        "\t    [-S property] ... [filesystem|volume|snapshot] ...\n\n" +
        "\tsend [-RDp] [-[iI] snapshot] <snapshot>\n" +
        "\treceive [-vnF] <filesystem|volume|snapshot>\n" +
        "\treceive [-vnF] -d <filesystem>\n\n" +
        "Each dataset is of the form: pool/[dataset/]*dataset[@name]\n";

    internal const string Zol06 =
        "usage: zfs command args ...\n" +
        "where 'command' is one of the following:\n\n" +
        "\tsnapshot|snap [-r] [-o property=value] ... <filesystem@snapname|volume@snapname> ...\n" +
        "\tbookmark <snapshot> <bookmark>\n" +
        "\tlist [-Hp] [-r|-d max] [-o property[,...]] [-s property]...\n" +
        "\t    [-S property]... [-t type[,...]] [filesystem|volume|snapshot|snap] ...\n\n" +
        "\tsend [-DnPpRve] [-[iI] snapshot] <snapshot>\n" +
        "\tsend [-e] [-i snapshot|bookmark] <filesystem|volume|snapshot>\n" +
        "\treceive|recv [-vnFu] <filesystem|volume|snapshot>\n" +
        "\treceive|recv [-vnFu] [-d | -e] <filesystem>\n";

    internal const string OpenZfs21 =
        "usage: zfs command args ...\n" +
        "where 'command' is one of the following:\n\n" +
        "\tversion\n\n" +
        "\tsnapshot [-r] [-o property=value] ... <filesystem|volume>@<snap> ...\n" +
        "\tbookmark <snapshot|bookmark> <newbookmark>\n" +
        "\tlist [-Hp] [-r|-d max] [-o property[,...]] [-s property]...\n" +
        "\t    [-S property]... [-t type[,...]] [filesystem|volume|snapshot] ...\n\n" +
        "\tsend [-DnPpRvLecwhb] [-[i|I] snapshot] <snapshot>\n" +
        "\tsend [-nvPLecw] [-i snapshot|bookmark] <filesystem|volume|snapshot>\n" +
        "\tsend [-nvPe] -t <receive_resume_token>\n" +
        "\treceive [-vnsFhu] [-o <property>=<value>] ... [-x <property>] ...\n" +
        "\t    <filesystem|volume|snapshot>\n" +
        "\treceive [-vnsFhu] [-o <property>=<value>] ... [-x <property>] ... \n" +
        "\t    [-d | -e] <filesystem>\n" +
        "\treceive -A <filesystem|volume>\n";

    internal const string OpenZfs23 =
        "usage: zfs command args ...\n" +
        "where 'command' is one of the following:\n\n" +
        "\tversion [-j]\n\n" +
        "\tsnapshot [-r] [-o property=value] ... <filesystem|volume>@<snap> ...\n" +
        "\tbookmark <snapshot|bookmark> <newbookmark>\n" +
        "\tlist [-Hp] [-j [--json-int]] [-r|-d max] [-o property[,...]] [-s property]...\n" +
        "\t    [-S property]... [-t type[,...]] [filesystem|volume|snapshot] ...\n\n" +
        "\tsend [-DLPbcehnpsVvw] [-i|-I snapshot]\n" +
        "\t     [-R [-X dataset[,dataset]...]]     <snapshot>\n" +
        "\tsend [-DnVvPLecw] [-i snapshot|bookmark] <filesystem|volume|snapshot>\n" +
        "\tsend [-nVvPe] -t <receive_resume_token>\n" +
        "\treceive [-vMnsFhu] [-o <property>=<value>] ... [-x <property>] ...\n" +
        "\t    <filesystem|volume|snapshot>\n" +
        "\treceive -A <filesystem|volume>\n";
}
