import { trusted } from '@hokku/kit/html'

/** The look of our pages: one accent, quiet lines, right in light and dark. */
export const STYLE = trusted(`
:root { color-scheme: light dark; --ink: light-dark(#1d2129, #e6e8ec); --quiet: light-dark(#5c6470, #9aa3b0);
  --paper: light-dark(#fff, #14171c); --card: light-dark(#f6f7f9, #1c2027); --line: light-dark(#dde1e7, #303641);
  --accent: light-dark(#3158c9, #8aa8ff); --warm: light-dark(#c2571a, #f0a36b); --good: light-dark(#1f7a4d, #6fcf9b); }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
header, main { max-width: 72rem; margin: 0 auto; padding: 1rem 1.25rem; }
header { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; align-items: baseline; }
h1 { font-size: 1.35rem; margin: 0; } h2 { font-size: 1rem; margin: 0 0 .5rem; }
a { color: var(--accent); } .quiet { color: var(--quiet); } nav { display: flex; gap: 1rem; margin-left: auto; }
.grid { display: grid; gap: 1rem; align-items: start; grid-template-columns: repeat(auto-fit, minmax(min(100%, 26rem), 1fr)); }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .5rem; padding: 1rem; min-width: 0; }
.wide { grid-column: 1 / -1; } .figures { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; margin: 0 0 1rem; }
.figures div { min-width: 6rem; } .figures b { display: block; font-size: 1.4rem; font-variant-numeric: tabular-nums; }
.strips { display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
.head { display: flex; justify-content: space-between; gap: 1rem; } .scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: .3rem .6rem .3rem 0; border-bottom: 1px solid var(--line); white-space: nowrap; }
td.number, th.number { text-align: right; } td:last-child, th:last-child { padding-right: 0; } svg, figure { max-width: 100%; } figure { margin: 0; }
button, input, select, textarea { font: inherit; color: inherit; background: var(--paper); border: 1px solid var(--line);
  border-radius: .35rem; padding: .35rem .6rem; max-width: 100%; } button { cursor: pointer; }
button.link { background: none; border: 0; color: var(--accent); padding: 0; }
input[type=range] { width: 100%; padding: 0; accent-color: var(--accent); }
label { display: block; margin-bottom: .6rem; } label input, label select { width: 100%; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0; } .changing, .changed { color: var(--warm); } .changed { font-weight: 600; }
.steady { color: var(--good); }
`)
