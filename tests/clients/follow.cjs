// Follows a thread with a client that nobody here wrote: the npm packages `eventsource` and `ws`. Prints a JSON line
// for each message, `{"text":…,"cursor":…}`, and ends after so many; a refusal is `{"refused":STATUS}`.
//
//   node follow.cjs eventsource|ws THREAD COUNT [CURSOR]        with SAY=TEXT, `ws` says it first
'use strict'
const path = require('node:path')
const { createRequire } = require('node:module')
const installed = createRequire(path.join(process.env.NEXUS_CLIENTS, 'package.json'))

const [transport, thread, count, cursor] = process.argv.slice(2)
const context = {
  Authorization: `Bearer ${process.env.NEXUS_TOKEN}`,
  'X-Tenant-Id': process.env.NEXUS_TENANT,
  'X-Env': process.env.NEXUS_ENV
}
const where = cursor ? `last_event_id=${cursor}` : 'from=earliest'
let left = Number(count)

function end(status) {
  process.exitCode = status
  setImmediate(() => process.exit())
}

function take(event) {
  if (event.type !== 'user_message' || left === 0) return
  console.log(JSON.stringify({ text: event.data.text, cursor: event.meta.last_event_id }))
  if (--left === 0) end(0)
}

function refuse(status) {
  console.log(JSON.stringify({ refused: status }))
  end(1)
}

if (transport === 'eventsource') {
  const { EventSource } = installed('eventsource')
  const source = new EventSource(`${process.env.NEXUS_ADDR}/sse/chat/${thread}?${where}`, {
    fetch: (input, init) => fetch(input, { ...init, headers: { ...init.headers, ...context } })
  })
  source.addEventListener('user_message', (event) => take(JSON.parse(event.data)))
  source.addEventListener('error', (event) => event.code && refuse(event.code))
} else {
  const WebSocket = installed('ws')
  const address = process.env.NEXUS_ADDR.replace('http', 'ws')
  const socket = new WebSocket(`${address}/ws/chat/${thread}?${where}`, 'nexus.chat.v1', { headers: context })
  const words = { type: 'message', text: process.env.SAY, ref: 'one' }
  socket.on('open', () => process.env.SAY && socket.send(JSON.stringify(words)))
  socket.on('message', (data) => take(JSON.parse(data)))
  socket.on('unexpected-response', (_, response) => refuse(response.statusCode))
}
