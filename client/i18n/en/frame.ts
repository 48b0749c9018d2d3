/** English words of what every page has in its header. */
export const frame = {
  lightColours: 'Light colours',
  darkColours: 'Dark colours',
} as const
