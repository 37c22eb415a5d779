// A web service small enough to read at a glance: it answers, says which version it is, and stops when asked to.
import { createServer } from 'node:http'

const version = process.env.APP_VERSION ?? 'unknown'
const port = Number(process.env.PORT ?? 8080)

const server = createServer((request, response) => {
  const page = { '/': `Hello from ${version}\n`, '/health': `${JSON.stringify({ status: 'ok', version })}\n` }[
    request.url
  ]
  response.statusCode = page === undefined ? 404 : 200
  response.setHeader('content-type', request.url === '/health' ? 'application/json' : 'text/plain; charset=utf-8')
  response.end(page ?? 'not found\n')
})

server.listen(port, () => console.log(`version ${version} listens on port ${server.address().port}`))

// ECS sends SIGTERM and waits 30 seconds: finish the requests under way, take no new ones.
process.on('SIGTERM', () => server.close(() => process.exit(0)))
