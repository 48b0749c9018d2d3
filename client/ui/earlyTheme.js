/** Runs before the first paint, so that a page in chosen colours never flashes in the others. See theme.ts. */
try {
  const kept = localStorage.getItem('nearcast-theme')
  if (kept === 'light' || kept === 'dark') document.documentElement.dataset.theme = kept
} catch {
  // Storage is forbidden: the system decides.
}
