"""The style sheet of the verdict report: light and dark, on screen and on paper. Nothing is fetched."""

from __future__ import annotations

STYLE = """
:root { color-scheme: light dark; --text: #1b1f24; --soft: #57606a; --page: #ffffff; --panel: #f6f8fa;
  --line: #d0d7de; --good: #1a7f37; --fair: #8a5a00; --bad: #b3261e; --none: #57606a; }
@media (prefers-color-scheme: dark) { :root { --text: #e6edf3; --soft: #9da7b1; --page: #0d1117; --panel: #161b22;
  --line: #30363d; --good: #56d364; --fair: #e3b341; --bad: #ff8f87; --none: #9da7b1; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 28px 20px 60px; overflow-wrap: anywhere; }
h1 { font-size: 22px; line-height: 1.35; margin: 0 0 6px; }
h2 { font-size: 16px; margin: 30px 0 8px; }
h3 { font-size: 14px; margin: 14px 0 4px; }
p { margin: 6px 0; }
.word { display: inline-block; border: 2px solid currentColor; border-radius: 4px; padding: 1px 9px; margin-right: 6px;
  font-size: 15px; letter-spacing: .04em; vertical-align: 2px; white-space: nowrap; }
.good { color: var(--good); } .fair { color: var(--fair); } .bad { color: var(--bad); } .none { color: var(--none); }
.soft { color: var(--soft); }
pre, code, .value { font-family: ui-monospace, monospace; font-size: 13px; }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 6px; padding: 10px 12px; margin: 6px 0;
  white-space: pre-wrap; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: start; vertical-align: top; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--line);
  min-width: 4.5em; }
th { font-weight: 600; color: var(--soft); white-space: nowrap; }
td.level { white-space: nowrap; width: 1%; overflow-wrap: normal; }
@media screen { .wide table { min-width: 620px; } }
td.value { max-width: 20em; }
ul { margin: 6px 0; padding-inline-start: 22px; }
summary { cursor: pointer; color: var(--soft); margin: 8px 0; }
ol.funnel { list-style: none; display: flex; flex-wrap: wrap; gap: 8px; padding: 0; margin: 8px 0; }
ol.funnel li { flex: 1 1 160px; border: 1px solid var(--line); border-radius: 6px; padding: 8px 12px; }
.counts { display: flex; flex-wrap: wrap; gap: 4px 22px; padding: 0; margin: 8px 0; list-style: none; }
@media print {
  :root { --text: #000; --soft: #444; --page: #fff; --panel: #fff; --line: #999; --good: #0a5c22; --fair: #6b4600;
    --bad: #8f1d16; --none: #444; }
  body { font-size: 10.5pt; } main { max-width: none; padding: 0; }
  h2 { break-after: avoid; } tr, li { break-inside: avoid; }
}
"""
