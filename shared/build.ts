/** How a page knows which build it is of: the server writes it into each page's head, and tells it in `BroadcastView`. */

/** Name of the meta element. */
export const BUILD_META = 'nearcast-build'
