using Motion.Contracts;

namespace Motion.Decode.Synthetic;

/// <summary>A rendered frame and all that is known of it.</summary>
/// <param name="Picture">uint8 RGB planes.</param>
/// <param name="Owners">[H, W] row-major: 0 for the background, k for the k-th actor (from 1) where it is what the pixel's centre
/// shows.</param>
/// <param name="Flow">[2, H, W]: u, v in pixels, t -> t+1, of what the pixel's centre shows.</param>
internal sealed record Rendering(Picture Picture, byte[] Owners, float[] Flow);

/// <summary>
/// Draws a scene at a frame: layers from back to front, each textured in its own coordinates, outlines blended over a pixel.
/// </summary>
internal static class Renderer
{
    public static Rendering Draw(Scene scene, int frame)
    {
        var (size, view, next) = (scene.Size, scene.View(frame), scene.View(frame + 1));
        var area = (int)size.Area;
        var colours = new float[3 * area]; // [H, W, 3]
        var owners = new byte[area];
        var flow = new float[2 * area];
        Cover(scene.Background, view.Inverse(), size, colours);
        var moves = new Affine[scene.Actors.Length + 1]; // screen at t -> screen at t+1, by owner
        moves[0] = next.After(view.Inverse());
        for (var k = 0; k < scene.Actors.Length; k++)
        {
            var actor = scene.Actors[k];
            var pose = view.After(actor.Pose(frame));
            moves[k + 1] = next.After(actor.Pose(frame + 1)).After(pose.Inverse());
            Place(actor, pose, size, colours, owners, (byte)(k + 1));
        }

        for (var (y, at) = (0, 0); y < size.Height; y++)
        {
            for (var x = 0; x < size.Width; x++, at++)
            {
                var (px, py) = (x + 0.5, y + 0.5);
                var (toX, toY) = moves[owners[at]].Apply(px, py);
                (flow[at], flow[area + at]) = ((float)(toX - px), (float)(toY - py));
            }
        }

        return new Rendering(new Picture(size, ToPlanes(colours, area)), owners, flow);
    }

    private static void Cover(Tile tile, Affine toWorld, Size2 size, float[] colours)
    {
        for (var (y, at) = (0, 0); y < size.Height; y++)
        {
            var (u, v) = toWorld.Apply(0.5, y + 0.5);
            for (var x = 0; x < size.Width; x++, at += 3, u += toWorld.A, v += toWorld.C)
            {
                tile.Sample(u, v, out colours[at], out colours[at + 1], out colours[at + 2]);
            }
        }
    }

    private static void Place(Actor actor, Affine pose, Size2 size, float[] colours, byte[] owners, byte owner)
    {
        var toActor = pose.Inverse();
        var map = actor.ToTexture;
        var scale = Math.Sqrt((pose.A * pose.A) + (pose.C * pose.C));
        var reach = (actor.Radius * scale) + 1;
        var (top, bottom) = (Math.Max(0, (int)(pose.Y - reach)), Math.Min(size.Height, (int)(pose.Y + reach) + 1));
        var (left, right) = (Math.Max(0, (int)(pose.X - reach)), Math.Min(size.Width, (int)(pose.X + reach) + 1));
        for (var y = top; y < bottom; y++)
        {
            for (var x = left; x < right; x++)
            {
                var (u, v) = toActor.Apply(x + 0.5, y + 0.5);
                var cover = 0.5 - (Shapes.Distance(actor.Shape, u, v, actor.Radius) * scale);
                if (cover <= 0)
                {
                    continue;
                }

                var at = (y * size.Width) + x;
                var alpha = (float)Math.Min(1, cover);
                var (s, t) = map.Apply(u, v);
                actor.Texture.Sample(s, t, out var red, out var green, out var blue);
                colours[3 * at] += alpha * (red - colours[3 * at]);
                colours[(3 * at) + 1] += alpha * (green - colours[(3 * at) + 1]);
                colours[(3 * at) + 2] += alpha * (blue - colours[(3 * at) + 2]);
                if (cover > 0.5)
                {
                    owners[at] = owner;
                }
            }
        }
    }

    private static byte[] ToPlanes(float[] colours, int area)
    {
        var planes = new byte[3 * area];
        for (var c = 0; c < 3; c++)
        {
            for (var i = 0; i < area; i++)
            {
                planes[(c * area) + i] = (byte)(colours[(3 * i) + c] + 0.5f);
            }
        }

        return planes;
    }
}
