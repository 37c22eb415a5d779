import { requestPass, type Engine } from './engine.ts'
import { isOpen, startHooks } from './hooks.ts'
import type { Service, ServiceDeployment, Shift } from './model.ts'
import { currentServiceDeployment } from './revisions.ts'
import { planSteps, readHooks, type LifecycleStage } from './stages.ts'

/** The way of a new service deployment through its stages; undefined for a rolling one. */
export function planShift(service: Service): Shift | undefined {
  const [, ...former] = service.deployments
  const steps = planSteps(service.configuration, former.length > 1)
  if (steps.length === 0) return undefined
  return {
    steps,
    configured: readHooks(service.configuration),
    position: -1,
    readyAt: 0,
    stage: undefined,
    test: 0,
    production: 0,
    hooks: []
  }
}

/** Whether the stage has not come in which the PRIMARY deployment may start tasks. */
export function holdsStart(service: Service): boolean {
  return isBefore(service, 'SCALE_UP')
}

/** Whether the stage has not come in which the former deployments may lose tasks. */
export function holdsFormer(service: Service): boolean {
  return isBefore(service, 'CLEAN_UP')
}

/** The shift of traffic under way; undefined once it is rolled back. */
export function shiftUnderWay(service: Service): Shift | undefined {
  const under = currentServiceDeployment(service)
  return under === undefined || isGoingBack(under) ? undefined : under.shift
}

/**
 * Moves a service deployment on through the stages whose time is over, whose hooks are done and whose tasks are there.
 * Returns whether it is through all of them.
 */
export function advanceShift(
  engine: Engine,
  service: Service,
  reported: ServiceDeployment,
  target: { readonly isScaled: boolean; readonly isAlone: boolean }
): boolean {
  const { shift } = reported
  if (shift === undefined || reported.status !== 'IN_PROGRESS') return false
  for (;;) {
    const current = shift.steps[shift.position]
    if (current !== undefined) {
      if (shift.hooks.some(isOpen)) return false
      if (current.stage === 'SCALE_UP' && !target.isScaled) return false
      if (current.stage === 'CLEAN_UP' && !(target.isAlone && target.isScaled)) return false
      const waitMs = shift.readyAt - engine.timeline.now()
      if (waitMs > 0) {
        requestPass(engine, service, waitMs / 1000)
        return false
      }
    }
    const next = shift.steps[shift.position + 1]
    if (next === undefined) return true
    shift.position += 1
    shift.stage = next.stage
    shift.readyAt = engine.timeline.now() + next.seconds * 1000
    shift.test = next.test ?? shift.test
    shift.production = next.production ?? shift.production
    shift.hooks = startHooks(engine, service, reported, next, shift.configured)
    reported.updatedAt = engine.timeline.now()
    // These two stages are for the scheduler: it starts or stops tasks with its next pass.
    if (next.stage === 'SCALE_UP' || next.stage === 'CLEAN_UP') {
      requestPass(engine, service)
      return false
    }
  }
}

function isBefore(service: Service, stage: LifecycleStage): boolean {
  const shift = shiftUnderWay(service)
  if (shift === undefined) return false
  return shift.position < shift.steps.findIndex(step => step.stage === stage)
}

function isGoingBack(under: ServiceDeployment): boolean {
  return under.status === 'ROLLBACK_IN_PROGRESS'
}
