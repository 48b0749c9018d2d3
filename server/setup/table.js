/** In charge of laying out rows of text in columns; pure. */

/** Lines of a table with a head, columns as wide as their longest cell. A cell's further lines go below its first. */
export function table(head, rows) {
  const cells = [head, ...rows].flatMap((row) => {
    const columns = row.map((cell) => String(cell).split('\n'))
    const height = Math.max(...columns.map(({ length }) => length))
    return Array.from({ length: height }, (_, i) => columns.map((lines) => lines[i] ?? ''))
  })
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column].length)))
  const lines = cells.map((row) =>
    row
      .map((cell, i) => cell.padEnd(widths[i]))
      .join('  ')
      .trimEnd(),
  )
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '))
  return lines
}
