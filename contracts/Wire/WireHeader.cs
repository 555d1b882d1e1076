using System.Buffers;
using MessagePack;
using static TorchSharp.torch;

namespace Motion.Contracts;

/// <summary>A decoded header: which tensors follow, and the message they complete.</summary>
internal sealed record WireHeader(TensorDeclaration?[] Tensors, Func<Tensor?[], Message> Complete)
{
    /// <summary>All of a message but its tensors' bytes, as MessagePack (docs/wire-format.md, "Header").</summary>
    public static ReadOnlyMemory<byte> Write(Message message)
    {
        var output = new ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(output);
        writer.WriteArrayHeader(4);
        writer.Write(WireCodec.Protocol);
        WriteMessage(ref writer, message);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <exception cref="InvalidDataException">The header breaks a rule; so do MessagePackSerializationException, EndOfStreamException, OverflowException.</exception>
    public static WireHeader Read(ReadOnlySequence<byte> bytes)
    {
        var reader = new MessagePackReader(bytes);
        WireFields.Expect(ref reader, 4, "the header");
        var protocol = reader.ReadInt64();
        if (protocol != WireCodec.Protocol)
        {
            throw new InvalidDataException($"the frame is of protocol {protocol}, this program reads {WireCodec.Protocol}");
        }

        var header = ReadMessage(ref reader);
        return reader.End ? header : throw new InvalidDataException($"{bytes.Length - reader.Consumed} bytes follow the header's last value");
    }

    private delegate void WriteFields(ref MessagePackWriter writer);

    private static void WriteMessage(ref MessagePackWriter writer, Message message)
    {
        var (type, rules, tensors, count, fields) = message.Match<(string, TensorRule[], IReadOnlyList<Tensor?>, int, WriteFields)>(
            framePair: m => ("FramePair", WireTensors.FramePair, [m.First, m.Second, m.KnownFlow], 4, (ref w) =>
            {
                WireFields.Write(ref w, m.Key);
                WireFields.Write(ref w, m.OriginalSize);
                w.Write(m.Step);
                WireFields.Write(ref w, m.Truth);
            }),
            flowFrame: m => ("FlowFrame", WireTensors.FlowFrame, [m.Image, m.Flow], 5, (ref w) =>
            {
                WireFields.Write(ref w, m.Key);
                WireFields.Write(ref w, m.OriginalSize);
                w.Write(m.Step);
                w.Write(m.FlowNetwork);
                WireFields.Write(ref w, m.Truth);
            }),
            prediction: m => ("Prediction", WireTensors.Prediction, [.. m.Tensors], 2, (ref w) =>
            {
                w.Write(m.Sequence);
                w.Write(m.Iteration);
            }),
            gradient: m => ("Gradient", WireTensors.Gradient, [.. m.Tensors], 3, (ref w) =>
            {
                w.Write(m.Sequence);
                w.Write(m.Iteration);
                WireFields.Write(ref w, m.Terms);
            }),
            detections: m => ("Detections", WireTensors.None, [], 4, (ref w) =>
            {
                WireFields.Write(ref w, m.Key);
                WireFields.Write(ref w, m.OriginalSize);
                WireFields.Write(ref w, m.Items);
                WireFields.Write(ref w, m.Truth);
            }),
            evaluation: m => ("Evaluation", WireTensors.None, [], 8, (ref w) =>
            {
                WireFields.Write(ref w, m.Boxes);
                WireFields.Write(ref w, m.Masks);
                WireFields.Write(ref w, m.FilledBoxes);
                WireFields.Write(ref w, m.MeanBestIou);
                WireFields.Write(ref w, m.MeanFilledBoxIou);
                w.Write(m.Frames);
                w.Write(m.Truths);
                w.Write(m.Found);
            }),
            handshake: m => ("Handshake", WireTensors.None, [], 5, (ref w) =>
            {
                w.Write(m.Protocol);
                w.Write(m.Stage);
                WireFields.Write(ref w, m.Accepts);
                WireFields.Write(ref w, m.Emits);
                w.Write(m.SettingsHash);
            }),
            fault: m => ("Fault", WireTensors.None, [], 4, (ref w) =>
            {
                w.Write(m.Sequence);
                w.Write(m.Stage);
                w.Write(m.Text);
                w.Write(m.IsBug);
            }),
            endOfStream: m => ("EndOfStream", WireTensors.None, [], 1, (ref w) => w.Write(m.Count)));
        writer.Write(type);
        WireTensors.Write(ref writer, rules, tensors);
        writer.WriteArrayHeader(count);
        fields(ref writer);
    }

    private static WireHeader ReadMessage(ref MessagePackReader reader)
    {
        var type = WireFields.Text(ref reader);
        TensorDeclaration?[] tensors;
        switch (type)
        {
            case "FramePair":
            {
                tensors = Begin(ref reader, WireTensors.FramePair, 4);
                var (key, size, step) = (WireFields.ReadKey(ref reader), WireFields.ReadSize(ref reader), reader.ReadInt32());
                var truth = WireFields.ReadTruth(ref reader);
                return new WireHeader(tensors, t => new FramePair(key, size, t[0]!, t[1]!, step, t[2], truth));
            }

            case "FlowFrame":
            {
                tensors = Begin(ref reader, WireTensors.FlowFrame, 5);
                var (key, size, step) = (WireFields.ReadKey(ref reader), WireFields.ReadSize(ref reader), reader.ReadInt32());
                var (network, truth) = (WireFields.Text(ref reader), WireFields.ReadTruth(ref reader));
                return new WireHeader(tensors, t => new FlowFrame(key, size, t[0]!, t[1]!, step, network, truth));
            }

            case "Prediction":
            {
                tensors = Begin(ref reader, WireTensors.Prediction, 2);
                var (sequence, iteration) = (reader.ReadInt64(), reader.ReadInt32());
                return new WireHeader(tensors, t => new Prediction(
                    sequence, iteration, t[0]!, t[1]!, t[2]!, t[3]!, t[4]!, t[5]!, t[6]!, t[7]!, t[8]!, t[9]!, t[10]!, t[11]!, t[12]!));
            }

            case "Gradient":
            {
                tensors = Begin(ref reader, WireTensors.Gradient, 3);
                var (sequence, iteration, terms) = (reader.ReadInt64(), reader.ReadInt32(), WireFields.ReadTerms(ref reader));
                return new WireHeader(tensors, t => new Gradient(sequence, iteration, terms, t[0]!, t[1]!, t[2]!, t[3]!));
            }

            case "Detections":
                Begin(ref reader, WireTensors.None, 4);
                return Whole(new Detections(
                    WireFields.ReadKey(ref reader), WireFields.ReadSize(ref reader), WireFields.ReadDetections(ref reader), WireFields.ReadTruth(ref reader)));
            case "Evaluation":
                Begin(ref reader, WireTensors.None, 8);
                return Whole(new Evaluation(
                    WireFields.ReadEvaluation(ref reader), WireFields.ReadOptionalEvaluation(ref reader), WireFields.ReadOptionalEvaluation(ref reader),
                    WireFields.ReadOptionalDouble(ref reader), WireFields.ReadOptionalDouble(ref reader), reader.ReadInt32(), reader.ReadInt32(),
                    reader.ReadInt32()));
            case "Handshake":
                Begin(ref reader, WireTensors.None, 5);
                return Whole(new Handshake(
                    reader.ReadInt32(), WireFields.Text(ref reader), WireFields.ReadTexts(ref reader), WireFields.ReadTexts(ref reader),
                    WireFields.Text(ref reader)));
            case "Fault":
                Begin(ref reader, WireTensors.None, 4);
                return Whole(new Fault(reader.ReadInt64(), WireFields.Text(ref reader), WireFields.Text(ref reader), reader.ReadBoolean()));
            case "EndOfStream":
                Begin(ref reader, WireTensors.None, 1);
                return Whole(new EndOfStream(reader.ReadInt64()));
            default:
                throw new InvalidDataException($"{type} is no message type of protocol {WireCodec.Protocol}");
        }
    }

    private static TensorDeclaration?[] Begin(ref MessagePackReader reader, TensorRule[] rules, int fields)
    {
        var tensors = WireTensors.Read(ref reader, rules);
        WireFields.Expect(ref reader, fields, "the message's fields");
        return tensors;
    }

    private static WireHeader Whole(Message message) => new([], _ => message);
}
