using System.Text.Json.Serialization;

namespace VpsAdmin.Node.Streams;

[JsonSourceGenerationOptions(RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ReceiverState))]
[JsonSerializable(typeof(StreamBegin))]
[JsonSerializable(typeof(AwaitedTransfer))]
internal sealed partial class StreamJson : JsonSerializerContext;
