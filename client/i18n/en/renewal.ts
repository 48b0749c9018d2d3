/** English words of a page that the server has outgrown. */
export const renewal = {
  renewing: 'Nearcast was updated. Loading the new page…',
  waiting: 'Nearcast was updated. This page is loaded again as soon as it does not disturb you.',
  renewed: 'Nearcast was updated, and this page with it.',
  stuck: 'Nearcast was updated. Load this page again to go on.',
  reload: 'Load again',
} as const
