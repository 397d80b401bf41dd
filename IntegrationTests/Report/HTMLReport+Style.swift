extension HTMLReport {
    /// The colours follow what the reader's system prefers.
    package static let style = """
        :root { color-scheme: light dark; --page: #fafaf8; --card: #fff; --ink: #1c1d1f; --faint: #6b6f76;
          --line: #e2e2de; --passed: #1a7f4b; --failed: #c4302b; --skipped: #96690a; --bar: #3b6fd4; --peak: #d9822b; }
        @media (prefers-color-scheme: dark) { :root { --page: #151618; --card: #1e2023; --ink: #e8e8e6;
          --faint: #969aa1; --line: #33363b; --passed: #4cc38a; --failed: #ff7b72; --skipped: #e0b04a;
          --bar: #79a6ff; --peak: #f0a35e; } }
        body { font: 15px/1.5 system-ui, sans-serif; background: var(--page); color: var(--ink); margin: 0 auto;
          max-width: 60rem; padding: 2rem 1.25rem; }
        h1 { font-size: 1.5rem; margin: 0; }
        h2 { font-size: 1rem; margin: 0 0 .4rem; }
        h3 { font-size: .9rem; margin: 1rem 0 .2rem; }
        small, .note, dt, figcaption { color: var(--faint); font-weight: normal; }
        .summary { font-size: 1.15rem; font-weight: 600; margin: .2rem 0 1rem; }
        .summary.passed, .passed .status { color: var(--passed); }
        .summary.failed, .failed .status { color: var(--failed); }
        .skipped .status { color: var(--skipped); }
        .status { font-size: .75rem; text-transform: uppercase; letter-spacing: .05em; margin-right: .4rem; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: 0 0 1.5rem; }
        dd { margin: 0; }
        section { background: var(--card); border: 1px solid var(--line); border-left: 4px solid var(--passed);
          border-radius: 6px; padding: .9rem 1.1rem; margin: 0 0 .9rem; }
        section.failed { border-left-color: var(--failed); }
        section.skipped { border-left-color: var(--skipped); }
        section p { margin: .2rem 0; }
        table { border-collapse: collapse; margin: .5rem 0; }
        th { text-align: left; font-weight: normal; padding: .1rem 1.5rem .1rem 0; }
        td { text-align: right; font-variant-numeric: tabular-nums; }
        pre { overflow-x: auto; font-size: .8rem; background: var(--page); padding: .6rem; border-radius: 4px; }
        .reason { color: var(--failed); white-space: pre-wrap; }
        figure { margin: .6rem 0; }
        svg { width: 100%; height: auto; display: block; font: 11px system-ui, sans-serif; }
        svg text { fill: var(--faint); }
        svg .grid { stroke: var(--line); }
        svg .bar { fill: var(--bar); }
        svg .median { fill: none; stroke: var(--bar); stroke-width: 1.5; }
        svg .longest { fill: none; stroke: var(--peak); stroke-width: 1.5; }
        svg .mark { stroke: var(--failed); stroke-dasharray: 3 3; }
        svg text.label { fill: var(--failed); }
        """
}
