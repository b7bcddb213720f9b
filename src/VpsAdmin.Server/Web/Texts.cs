namespace VpsAdmin.Server.Web;

/// <summary>Names the resource file of the pages' texts, <c>Texts.resx</c>: what a page says is looked up by its English words.</summary>
public sealed class Texts;
