namespace Motion.Report.Page;

/// <summary>The page's looks: light and dark, narrow and wide, on screen and on paper.</summary>
internal static class Style
{
    public const string Css = """
        :root { color-scheme: light dark; --paper: #fbfbfa; --card: #ffffff; --ink: #1b1c1e; --muted: #5b6068; --line: #dddfe3; --first: #1f5fd0; --second: #b4480a; --band: #1f5fd026; }
        @media (prefers-color-scheme: dark) {
          :root { --paper: #141517; --card: #1c1e21; --ink: #ececee; --muted: #a4a9b2; --line: #34373d; --first: #86aefc; --second: #f5a266; --band: #86aefc33; }
        }
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
        main { max-width: 72rem; margin: 0 auto; padding: 1.5rem 1rem 3rem; }
        h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .3rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.2rem; margin: 2.6rem 0 .4rem; padding-top: .6rem; border-top: 1px solid var(--line); }
        h3 { font-size: 1rem; margin: 1.6rem 0 .5rem; overflow-wrap: anywhere; }
        p { margin: .3rem 0 .7rem; max-width: 46rem; }
        .lead, .muted, figcaption, caption { color: var(--muted); }
        .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(12.5rem, 1fr)); gap: .8rem; margin: 1.2rem 0; }
        .tile { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: .8rem 1rem; }
        .tile h3 { margin: 0; font-size: .85rem; font-weight: 600; color: var(--muted); }
        .tile .value { font-size: 2rem; line-height: 1.2; font-weight: 650; font-variant-numeric: tabular-nums; }
        .tile p { margin: .2rem 0 0; font-size: .85rem; color: var(--muted); }
        .bar { display: grid; grid-template-columns: 5.6rem 1fr 2.4rem; align-items: center; gap: .4rem; font-size: .8rem; margin-top: .25rem; font-variant-numeric: tabular-nums; }
        .bar .track { height: .55rem; border-radius: .28rem; background: var(--line); overflow: hidden; }
        .bar .fill { display: block; height: 100%; background: var(--second); }
        .bar.own .fill { background: var(--first); }
        .bar output { text-align: right; }
        .notes { background: var(--card); border: 1px solid var(--line); border-left: .3rem solid var(--second); border-radius: .3rem; padding: .6rem 1rem .6rem 2rem; margin: 1rem 0; }
        .controls { display: flex; flex-wrap: wrap; gap: .4rem 1.2rem; margin: .6rem 0; font-size: .9rem; }
        .controls label { cursor: pointer; }
        .legend { display: flex; gap: .9rem; align-items: center; font-size: .9rem; }
        .legend img { width: 4.5rem; height: 4.5rem; border-radius: 50%; flex: none; }
        .strip { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); gap: .9rem; }
        figure { margin: 0; }
        .shot { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; overflow: hidden; break-inside: avoid; }
        .shot svg, .shot img { display: block; width: 100%; height: auto; }
        .shot img { border-top: 1px solid var(--line); }
        .shot figcaption { padding: .45rem .7rem .6rem; font-size: .85rem; line-height: 1.4; }
        .shot figcaption b { color: var(--ink); }
        .object .mask { fill: var(--c); fill-opacity: .42; stroke: var(--c); stroke-width: 2; vector-effect: non-scaling-stroke; fill-rule: evenodd; stroke-linejoin: round; }
        .object rect { fill: none; stroke: var(--c); stroke-width: 1; stroke-opacity: .8; vector-effect: non-scaling-stroke; }
        .label { pointer-events: none; fill: #fff; stroke: #000; stroke-opacity: .8; stroke-width: .22em; stroke-linejoin: round; paint-order: stroke; font-weight: 600; }
        .object:hover .mask { fill-opacity: .7; }
        .truth rect, .truth path { fill: none; vector-effect: non-scaling-stroke; }
        .truth .under { stroke: #000; stroke-opacity: .55; stroke-width: 2.5; }
        .truth .over { stroke: #fff; stroke-width: 1.5; stroke-dasharray: 5 4; }
        body:has(#show-found:not(:checked)) .found, body:has(#show-boxes:not(:checked)) .truth.boxes, body:has(#show-masks:not(:checked)) .truth.masks { display: none; }
        .charts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(20rem, 100%), 1fr)); gap: .8rem; }
        .chart { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .6rem .6rem .3rem; break-inside: avoid; }
        .chart figcaption { font-size: .9rem; display: flex; justify-content: space-between; gap: .6rem; }
        .chart figcaption b { color: var(--ink); overflow-wrap: anywhere; }
        .chart svg { display: block; width: 100%; height: auto; font-size: 11px; font-variant-numeric: tabular-nums; }
        .chart text { fill: var(--muted); }
        .grid { stroke: var(--line); stroke-width: 1; }
        .band { fill: var(--band); }
        .line { fill: none; stroke: var(--first); stroke-width: 1.6; stroke-linejoin: round; }
        .line.second { stroke: var(--second); stroke-dasharray: 5 3; }
        .hit rect { fill: transparent; }
        .hit g { visibility: hidden; }
        .hit:hover g { visibility: visible; }
        .hit line { stroke: var(--muted); stroke-width: 1; }
        .hit circle { fill: var(--first); }
        .hit text { fill: var(--ink); stroke: var(--card); stroke-width: 4px; paint-order: stroke; }
        body:has(#scale-log:checked) .linear, body:has(#scale-linear:checked) .log { display: none; }
        .key { display: inline-block; width: 1.6rem; height: 0; border-top: 3px solid var(--first); vertical-align: middle; margin: 0 .35rem 0 0; }
        .key.second { border-top: 3px dashed var(--second); margin-left: 1rem; }
        .wide { overflow-x: auto; }
        table { border-collapse: collapse; font-size: .88rem; font-variant-numeric: tabular-nums; margin: .4rem 0 1rem; }
        caption { text-align: left; padding: .2rem 0 .4rem; }
        th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; }
        td.text, th.text { text-align: left; white-space: normal; overflow-wrap: anywhere; }
        thead th { font-weight: 600; color: var(--muted); }
        tbody th { font-weight: 500; }
        details { margin: .6rem 0; }
        summary { cursor: pointer; }
        pre { background: var(--card); border: 1px solid var(--line); border-radius: .4rem; padding: .8rem; overflow-x: auto; font-size: .8rem; line-height: 1.4; }
        a { color: var(--first); }
        @media print {
          :root { --paper: #fff; --card: #fff; --ink: #000; --muted: #444; --line: #bbb; --first: #1f5fd0; --second: #b4480a; --band: #1f5fd026; }
          main { max-width: none; padding: 0; } .controls { display: none; } .strip { grid-template-columns: repeat(3, 1fr); } .charts { grid-template-columns: repeat(2, 1fr); }
          h2, h3 { break-after: avoid; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
        }
        """;
}
