using Motion.Contracts;
using Motion.DataSets;

namespace Motion.Decode;

/// <summary>
/// The pictures used last, up to a number of bytes (but always the last three: a frame, its successor and its predecessor).
/// </summary>
internal sealed class PictureCache(long budgetBytes)
{
    private const int Fewest = 3;
    private readonly Dictionary<FrameAt, LinkedListNode<(FrameAt At, Picture Picture)>> _byFrame = [];
    private readonly LinkedList<(FrameAt At, Picture Picture)> _byUse = [];
    private long _bytes;

    public Picture? Find(FrameAt at)
    {
        if (!_byFrame.TryGetValue(at, out var node))
        {
            return null;
        }

        _byUse.Remove(node);
        _byUse.AddLast(node);
        return node.Value.Picture;
    }

    /// <summary>Adds a picture that <see cref="Find"/> did not know.</summary>
    public void Add(FrameAt at, Picture picture)
    {
        _byFrame.Add(at, _byUse.AddLast((at, picture)));
        _bytes += picture.Planes.Length;
        while (_bytes > budgetBytes && _byUse.Count > Fewest)
        {
            var (oldest, gone) = _byUse.First!.Value;
            _byUse.RemoveFirst();
            _byFrame.Remove(oldest);
            _bytes -= gone.Planes.Length;
        }
    }
}
