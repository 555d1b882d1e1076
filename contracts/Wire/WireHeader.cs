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
        Writes(message)(ref writer);
        writer.Flush();
        return output.WrittenMemory;
    }

    /// <exception cref="InvalidDataException">The header breaks a rule; so do MessagePackSerializationException, EndOfStreamException,
    /// OverflowException.</exception>
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
        return reader.End
            ? header
            : throw new InvalidDataException($"{bytes.Length - reader.Consumed} bytes follow the header's last value");
    }

    private delegate void WriteMessage(ref MessagePackWriter writer);

    private static WriteMessage Writes(Message message) =>
        message.Match<WriteMessage>(
            framePair: m =>
                (ref w) =>
                {
                    Begin(ref w, "FramePair", WireTensors.FramePair, [m.First, m.Second, m.KnownFlow], fields: 4);
                    WireFields.Write(ref w, m.Key);
                    WireFields.Write(ref w, m.OriginalSize);
                    w.Write(m.Step);
                    WireFields.Write(ref w, m.Truth);
                },
            flowFrame: m =>
                (ref w) =>
                {
                    Begin(ref w, "FlowFrame", WireTensors.FlowFrame, [m.Image, m.Flow], fields: 5);
                    WireFields.Write(ref w, m.Key);
                    WireFields.Write(ref w, m.OriginalSize);
                    w.Write(m.Step);
                    w.Write(m.FlowNetwork);
                    WireFields.Write(ref w, m.Truth);
                },
            prediction: m =>
                (ref w) =>
                {
                    Begin(ref w, "Prediction", WireTensors.Prediction, [.. m.Tensors], fields: 2);
                    w.Write(m.Sequence);
                    w.Write(m.Iteration);
                },
            gradient: m =>
                (ref w) =>
                {
                    Begin(ref w, "Gradient", WireTensors.Gradient, [.. m.Tensors], fields: 3);
                    w.Write(m.Sequence);
                    w.Write(m.Iteration);
                    WireFields.Write(ref w, m.Terms);
                },
            detections: m =>
                (ref w) =>
                {
                    Begin(ref w, "Detections", WireTensors.None, [], fields: 4);
                    WireFields.Write(ref w, m.Key);
                    WireFields.Write(ref w, m.OriginalSize);
                    WireFields.Write(ref w, m.Items);
                    WireFields.Write(ref w, m.Truth);
                },
            evaluation: m =>
                (ref w) =>
                {
                    Begin(ref w, "Evaluation", WireTensors.None, [], fields: 9);
                    WireFields.Write(ref w, m.Boxes);
                    WireFields.Write(ref w, m.Masks);
                    WireFields.Write(ref w, m.FilledBoxes);
                    WireFields.Write(ref w, m.MeanBestIou);
                    WireFields.Write(ref w, m.MeanFilledBoxIou);
                    w.Write(m.Frames);
                    w.Write(m.Truths);
                    w.Write(m.Found);
                    WireFields.Write(ref w, m.Tracks);
                },
            handshake: m =>
                (ref w) =>
                {
                    Begin(ref w, "Handshake", WireTensors.None, [], fields: 5);
                    w.Write(m.Protocol);
                    w.Write(m.Stage);
                    WireFields.Write(ref w, m.Accepts);
                    WireFields.Write(ref w, m.Emits);
                    w.Write(m.SettingsHash);
                },
            fault: m =>
                (ref w) =>
                {
                    Begin(ref w, "Fault", WireTensors.None, [], fields: 4);
                    w.Write(m.Sequence);
                    w.Write(m.Stage);
                    w.Write(m.Text);
                    w.Write(m.IsBug);
                },
            endOfStream: m =>
                (ref w) =>
                {
                    Begin(ref w, "EndOfStream", WireTensors.None, [], fields: 1);
                    w.Write(m.Count);
                }
        );

    private static void Begin(ref MessagePackWriter writer, string type, TensorRule[] rules, Tensor?[] tensors, int fields)
    {
        writer.Write(type);
        WireTensors.Write(ref writer, rules, tensors);
        writer.WriteArrayHeader(fields);
    }

    private static WireHeader ReadMessage(ref MessagePackReader reader)
    {
        var type = WireFields.Text(ref reader);
        switch (type)
        {
            case "FramePair":
                return ReadFramePair(ref reader);
            case "FlowFrame":
                return ReadFlowFrame(ref reader);
            case "Prediction":
                return ReadPrediction(ref reader);
            case "Gradient":
                return ReadGradient(ref reader);
            case "Detections":
                Begin(ref reader, WireTensors.None, fields: 4);
                return Whole(
                    new Detections(
                        WireFields.ReadKey(ref reader),
                        WireFields.ReadSize(ref reader),
                        WireFields.ReadDetections(ref reader),
                        WireFields.ReadTruth(ref reader)
                    )
                );
            case "Evaluation":
                Begin(ref reader, WireTensors.None, fields: 9);
                return Whole(
                    new Evaluation(
                        WireFields.ReadEvaluation(ref reader),
                        WireFields.ReadOptionalEvaluation(ref reader),
                        WireFields.ReadOptionalEvaluation(ref reader),
                        WireFields.ReadOptionalDouble(ref reader),
                        WireFields.ReadOptionalDouble(ref reader),
                        reader.ReadInt32(),
                        reader.ReadInt32(),
                        reader.ReadInt32(),
                        WireFields.ReadTracks(ref reader)
                    )
                );
            case "Handshake":
                Begin(ref reader, WireTensors.None, fields: 5);
                return Whole(
                    new Handshake(
                        reader.ReadInt32(),
                        WireFields.Text(ref reader),
                        WireFields.ReadTexts(ref reader),
                        WireFields.ReadTexts(ref reader),
                        WireFields.Text(ref reader)
                    )
                );
            case "Fault":
                Begin(ref reader, WireTensors.None, fields: 4);
                return Whole(new Fault(reader.ReadInt64(), WireFields.Text(ref reader), WireFields.Text(ref reader), reader.ReadBoolean()));
            case "EndOfStream":
                Begin(ref reader, WireTensors.None, fields: 1);
                return Whole(new EndOfStream(reader.ReadInt64()));
            default:
                throw new InvalidDataException($"{type} is no message type of protocol {WireCodec.Protocol}");
        }
    }

    private static WireHeader ReadFramePair(ref MessagePackReader reader)
    {
        var tensors = Begin(ref reader, WireTensors.FramePair, fields: 4);
        var (key, size, step) = (WireFields.ReadKey(ref reader), WireFields.ReadSize(ref reader), reader.ReadInt32());
        var truth = WireFields.ReadTruth(ref reader);
        return new WireHeader(tensors, t => new FramePair(key, size, t[0]!, t[1]!, step, t[2], truth));
    }

    private static WireHeader ReadFlowFrame(ref MessagePackReader reader)
    {
        var tensors = Begin(ref reader, WireTensors.FlowFrame, fields: 5);
        var (key, size, step) = (WireFields.ReadKey(ref reader), WireFields.ReadSize(ref reader), reader.ReadInt32());
        var (network, truth) = (WireFields.Text(ref reader), WireFields.ReadTruth(ref reader));
        return new WireHeader(tensors, t => new FlowFrame(key, size, t[0]!, t[1]!, step, network, truth));
    }

    private static WireHeader ReadPrediction(ref MessagePackReader reader)
    {
        var tensors = Begin(ref reader, WireTensors.Prediction, fields: 2);
        var (sequence, iteration) = (reader.ReadInt64(), reader.ReadInt32());
        return new WireHeader(tensors, t => Prediction.Of(sequence, iteration, t!));
    }

    private static WireHeader ReadGradient(ref MessagePackReader reader)
    {
        var tensors = Begin(ref reader, WireTensors.Gradient, fields: 3);
        var (sequence, iteration, terms) = (reader.ReadInt64(), reader.ReadInt32(), WireFields.ReadTerms(ref reader));
        return new WireHeader(tensors, t => new Gradient(sequence, iteration, terms, new(t[0]!, t[1]!, t[2]!), t[3]!));
    }

    private static TensorDeclaration?[] Begin(ref MessagePackReader reader, TensorRule[] rules, int fields)
    {
        var tensors = WireTensors.Read(ref reader, rules);
        WireFields.Expect(ref reader, fields, "the message's fields");
        return tensors;
    }

    private static WireHeader Whole(Message message) => new([], _ => message);
}
