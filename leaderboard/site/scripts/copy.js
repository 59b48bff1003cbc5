// Texts for the clipboard. Names are strangers' texts: they are escaped as the written tables escape them.
const LATEX = { "\\": "\\textbackslash{}", "~": "\\textasciitilde{}", "^": "\\textasciicircum{}", "–": "--", "…": "\\dots{}" };
const latexText = (text) => text.replace(/[\\~^–…&%$#_{}]/g, (sign) => LATEX[sign] ?? `\\${sign}`);
const markdownText = (text) => text.replace(/[\\`*_[\]<>|&#!~]/g, "\\$&");

const asMarkdown = (heads, rows) => {
  const line = (cells) => `| ${cells.join(" | ")} |`;
  const marked = ({ text, mark }) => ({ best: `**${markdownText(text)}**`, tied: `_${markdownText(text)}_` })[mark] ?? markdownText(text);
  return [line(heads.map(({ text }) => markdownText(text))), `|${heads.map(({ left }) => (left ? "---|" : "---:|")).join("")}`, ...rows.map((row) => line(row.map(marked)))].join("\n") + "\n";
};

const asLatex = (heads, rows) => {
  const line = (cells) => `${cells.join(" & ")} \\\\`;
  const marked = ({ text, mark }) => ({ best: `\\textbf{${latexText(text)}}`, tied: `\\underline{${latexText(text)}}` })[mark] ?? latexText(text);
  return [
    `\\begin{tabular}{${heads.map(({ left }) => (left ? "l" : "r")).join("")}}`, "\\toprule", line(heads.map(({ text }) => latexText(text))), "\\midrule",
    ...rows.map((row) => line(row.map(marked))), "\\bottomrule", "\\end{tabular}",
  ].join("\n") + "\n";
};

const copy = async (text, status, done) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Browsers refuse the clipboard to some pages: the old way still works in all of them.
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
  status.textContent = done;
};
