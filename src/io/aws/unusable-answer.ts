/** An answer that lacks what AWS always says, or that is not read to its end: as good as none, so a change may have been made. */
export class UnusableAnswer extends SyntaxError {
  /** What goes on after `got an answer`, e.g. `without ScalableTargets`. */
  readonly flaw: string

  constructor(flaw: string) {
    super(`the answer is one ${flaw}`)
    this.name = 'UnusableAnswer'
    this.flaw = flaw
  }
}
