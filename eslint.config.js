import { defineConfig } from 'eslint/config'
import tseslint from 'typescript-eslint'

const PURE_LIBRARIES = ['semver', 'yaml', 'jsonc-parser', 'conventional-commits-parser', 'conventional-commits-filter']

/** Bare specifiers (packages and Node's own modules, with or without `node:`) other than those listed. */
function packagesExcept(names) {
  return `^(?!\\.)(?!(${names.map(name => name.replaceAll('/', '\\/')).join('|')})(\\/|$))`
}

/** Files and folders reached by leaving the importing folder: rooms are siblings, so every way in starts with `../`. */
function rooms(...names) {
  return `^(\\./)?(\\.\\./)+(${names.join('|')})(/|\\.ts$)`
}

const SIMULATOR = {
  regex: '(^|/)simulator/',
  message: 'src and the simulator share no code: two bugs must not cancel out.'
}
const ACTION = {
  regex: '^(\\./|\\.\\./)+src/',
  message: 'the simulator shares no code with src: two bugs must not cancel out.'
}
const WIRING = ['index', 'index-post', 'main', 'post', 'world', 'inputs']
const VALUES_ONLY = { allowTypeImports: true }

/** What a file in a room may not import. The table of CONTRIBUTING.md, row by row. */
const IMPORTS = {
  decide: [
    { regex: packagesExcept(PURE_LIBRARIES), message: 'decisions are pure: hand the facts in as data.' },
    { regex: rooms('io', 'steps', 'modes', 'report', 'event', ...WIRING), message: 'decisions know no other room.' },
    SIMULATOR
  ],
  decideTask: [
    {
      regex: packagesExcept([...PURE_LIBRARIES, '@aws-sdk']),
      message: 'decisions are pure: hand the facts in as data.'
    },
    { regex: '^@aws-sdk/', message: 'only the shapes of the SDK, as `import type`.', ...VALUES_ONLY },
    { regex: rooms('io', 'steps', 'modes', 'report', 'event', ...WIRING), message: 'decisions know no other room.' },
    SIMULATOR
  ],
  report: [
    {
      regex: packagesExcept(PURE_LIBRARIES),
      message: 'reports are folds over events: return text, let main print it.'
    },
    { regex: rooms('io', 'steps', 'modes', ...WIRING), message: 'reports see events and decisions, nothing else.' },
    SIMULATOR
  ],
  io: [
    { regex: rooms('steps', 'modes', 'report', ...WIRING), message: 'a port does not know who uses it.' },
    SIMULATOR
  ],
  steps: [
    { regex: packagesExcept(PURE_LIBRARIES), message: 'steps act through the ports of World.' },
    { regex: rooms('io', 'world', 'inputs'), message: 'ports, World and inputs come as types.', ...VALUES_ONLY },
    {
      regex: rooms('modes', 'report', 'index', 'index-post', 'main', 'post'),
      message: 'steps emit events and know no recipe.'
    },
    SIMULATOR
  ],
  modes: [
    { regex: packagesExcept(PURE_LIBRARIES), message: 'modes act through the ports of World.' },
    { regex: rooms('io', 'world', 'inputs'), message: 'ports, World and inputs come as types.', ...VALUES_ONLY },
    { regex: rooms('report', 'index', 'index-post', 'main', 'post'), message: 'modes emit events; main prints them.' },
    SIMULATOR
  ],
  world: [
    { regex: '^\\./(steps|modes|decide|report)/', message: 'world.ts only wires ports.' },
    { regex: '^\\./(index|index-post|main|post)\\.ts$', message: 'world.ts is wired in, it starts nothing.' },
    SIMULATOR
  ],
  wiring: [SIMULATOR],
  simulator: [
    ACTION,
    {
      regex: '^@actions/(core|exec|github|http-client|io)$',
      message: 'the simulator shares no library of the action.'
    },
    { regex: '^@aws-sdk/', message: 'only the shapes of the SDK, as `import type`.', ...VALUES_ONLY }
  ]
}

function imports(room) {
  return { '@typescript-eslint/no-restricted-imports': ['error', { patterns: IMPORTS[room] }] }
}

const ANYWHERE = [
  { selector: 'ExportDefaultDeclaration', message: 'name what you export.' },
  { selector: 'ExportAllDeclaration', message: 'no barrels: import from the file that has it.' }
]

const DYNAMIC_IMPORT = {
  selector: 'ImportExpression',
  message: 'a dynamic import passes by the table of rooms: load in io/ or world.ts.'
}

const WALL_CLOCK = [
  { selector: "NewExpression[callee.name='Date'][arguments.length=0]", message: 'time is a port: clock.now().' },
  { selector: "CallExpression[callee.name='Date']", message: 'time is a port: clock.now().' },
  { selector: "MemberExpression[object.name='Date'][property.name='now']", message: 'time is a port: clock.now().' },
  {
    selector: "MemberExpression[object.name='Date'][property.value='now']",
    message: 'time is a port: clock.now().'
  }
]

const TIMERS = ['setTimeout', 'setInterval', 'setImmediate', 'performance'].map(name => ({
  name,
  message: 'time is a port: clock.now(), clock.sleep().'
}))

const OUTSIDE_WORLD = ['process', 'fetch', 'console', 'crypto', 'WebSocket', 'globalThis', 'global'].map(name => ({
  name,
  message: 'what is pure cannot reach outside.'
}))

const RANDOM = {
  object: 'Math',
  property: 'random',
  message: 'what is pure gives the same answer twice.'
}

const TIMED_BY_PORT = {
  'no-restricted-globals': ['error', ...TIMERS],
  'no-restricted-syntax': ['error', ...ANYWHERE, ...WALL_CLOCK]
}

const TIMED_STATICALLY = {
  'no-restricted-globals': ['error', ...TIMERS],
  'no-restricted-syntax': ['error', ...ANYWHERE, ...WALL_CLOCK, DYNAMIC_IMPORT]
}

const PURE = {
  'no-restricted-globals': ['error', ...TIMERS, ...OUTSIDE_WORLD],
  'no-restricted-syntax': ['error', ...ANYWHERE, ...WALL_CLOCK, DYNAMIC_IMPORT],
  'no-restricted-properties': ['error', RANDOM]
}

const WHOLE_TESTS = [
  ...['skip', 'only', 'todo', 'failing'].flatMap(property =>
    ['test', 'describe', 'it'].map(object => ({ object, property, message: 'every test runs, and passes.' }))
  ),
  ...['mock', 'doMock', 'unstable_mockModule'].map(property => ({
    object: 'jest',
    property,
    message: 'no module mocks: pass a port, or run against the simulator.'
  }))
]

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'node_modules/', '.parts/'] },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An implementation of an asynchronous port may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      'no-restricted-syntax': ['error', ...ANYWHERE],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      'max-lines': ['error', 300],
      eqeqeq: ['error', 'always', { null: 'ignore' }]
    }
  },
  { files: ['**/*.{js,mjs,cjs}'], ...tseslint.configs.disableTypeChecked },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  {
    files: ['*.config.js', '__tests__/support/run-directory.js', '__tests__/support/sequencer.js'],
    rules: { 'no-restricted-syntax': 'off' }
  },
  { files: ['__tests__/**'], rules: { 'no-restricted-properties': ['error', ...WHOLE_TESTS] } },
  { files: ['src/*.ts'], rules: { ...TIMED_BY_PORT, ...imports('wiring') } },
  { files: ['src/world.ts'], rules: imports('world') },
  { files: ['src/event.ts', 'src/failure.ts'], rules: PURE },
  { files: ['src/decide/**'], rules: { ...PURE, ...imports('decide') } },
  { files: ['src/decide/task/**'], rules: imports('decideTask') },
  { files: ['src/report/**'], rules: { ...PURE, ...imports('report') } },
  { files: ['src/io/**'], rules: imports('io') },
  { files: ['src/steps/**'], rules: { ...TIMED_STATICALLY, ...imports('steps') } },
  { files: ['src/modes/**'], rules: { ...TIMED_STATICALLY, ...imports('modes') } },
  { files: ['simulator/**'], rules: imports('simulator') },
  { files: ['simulator/cloud/**'], rules: { ...PURE, ...imports('simulator') } }
)
