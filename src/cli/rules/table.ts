/** Columns as wide as their widest cell, two blanks between them; the last is not padded. */
export function table(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => cell + " ".repeat(Math.max(0, (widths[column] ?? 0) - widthOf(cell))))
      .join("  ")
      .trimEnd(),
  );
}

/** As a terminal shows it: a Vietnamese letter with two marks takes one place, however it is composed. */
function widthOf(cell: string): number {
  return Array.from(cell.normalize("NFC")).length;
}
