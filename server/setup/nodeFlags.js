/** In charge of how Node itself is set up for the server. */

/**
 * V8 lets the space for young objects grow with the load, up to 134 MB in Node 24 (measured): most of what a live broadcast
 * seemed to add. With 4 MB a half (8.4 MB in all) a program that does nothing but allocate took 25 % longer.
 */
export const nodeFlags = ['--max-semi-space-size=4']
