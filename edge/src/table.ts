/** Rows of the table of a measurement. */

import type { Row } from "./core/result.js";
import { quantile } from "./core/statistics.js";

/** Make a row for each session. */
export function rowsOf(rows: readonly Row[]): HTMLTableRowElement[] {
  return rows.map((row) => {
    const line = document.createElement("tr");
    for (const [n, text] of texts(row).entries()) {
      const cell = document.createElement(n ? "td" : "th");
      if (cell instanceof HTMLTableCellElement && n === 0) cell.scope = "row";
      cell.textContent = text;
      line.append(cell);
    }
    return line;
  });
}

function texts({ size, status, message, report }: Row): string[] {
  if (!report) return [String(size), "–", "–", "–", "–", `${status}: ${message}`];
  const milliseconds = (seconds: number): string => (1e3 * seconds).toFixed(0);
  const seconds = report.runs.map((run) => run.e2e_s);
  return [
    String(size),
    milliseconds(quantile(seconds, 0.5)),
    milliseconds(quantile(seconds, 0.9)),
    milliseconds(quantile(report.runs.map((run) => run.model_s), 0.5)),
    (report.page_s + report.load_s + report.first_call_s).toFixed(2),
    `${seconds.length} runs`,
  ];
}
