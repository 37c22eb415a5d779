const UNITS_PER_VCPU = 1024
const MIB_PER_GB = 1024

/** CPU units of a task-level `cpu`: `256`, `.25 vCPU`; undefined when it is neither. */
export function cpuUnits(text: string): number | undefined {
  return quantity(text, /^vcpu$/i, UNITS_PER_VCPU)
}

/** MiB of a task-level `memory`: `512`, `0.5GB`, `1 GB`; undefined when it is neither. */
export function memoryMib(text: string): number | undefined {
  return quantity(text, /^gb$/i, MIB_PER_GB)
}

function quantity(text: string, unit: RegExp, factor: number): number | undefined {
  const match = /^\s*(\d+|\d*\.\d+)\s*([a-z]*)\s*$/i.exec(text)
  if (match === null) return undefined
  const [, number = '', suffix = ''] = match
  if (suffix !== '' && !unit.test(suffix)) return undefined
  const total = Number(number) * (suffix === '' ? 1 : factor)
  return Number.isInteger(total) && total > 0 ? total : undefined
}
