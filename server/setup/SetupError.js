/** In charge of what a person reads when set-up cannot go on. */

/** A failed step in the three parts that help: what failed, why (as far as is known), and what to do about it. */
export class SetupError extends Error {
  constructor(what, why, remedy) {
    super(what)
    this.name = 'SetupError'
    this.why = why
    this.remedy = remedy
  }

  /** The lines to print, indented under their heads. */
  toText() {
    const indent = (text) => text.split('\n').join('\n        ')
    return [`failed  ${this.message}`, `why     ${indent(this.why)}`, `to do   ${indent(this.remedy)}`].join('\n')
  }
}
