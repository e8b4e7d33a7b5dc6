// An agent: follows a thread and answers what people say there. Node 18 or newer, nothing else.
//
//   NEXUS_ADDR=… NEXUS_TOKEN=… NEXUS_TENANT=… NEXUS_ENV=… node agent.mjs THREAD_ID [CURSOR_FILE]
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const { NEXUS_ADDR, NEXUS_TOKEN, NEXUS_TENANT, NEXUS_ENV } = process.env
const context = {
  Authorization: `Bearer ${NEXUS_TOKEN}`, 'X-Tenant-Id': NEXUS_TENANT, 'X-Env': NEXUS_ENV,
  'Content-Type': 'application/json' }
const [id, file] = process.argv.slice(2)
const thread = encodeURIComponent(id)
const jitter = (least, most) => least + Math.random() * (most - least)

/** What the agent says: put your model here. */
const answerTo = async (text) => `I read: ${text}`

/** The daemon's answer. What may succeed later is tried again: after Retry-After, else after growing pauses. */
async function ask(method, path, { body, headers } = {}) {
  for (let pause = 1000; ; pause = Math.min(2 * pause, 30_000)) {
    const silence = new AbortController() // a stream that lives is never silent for 60 seconds
    const cut = setTimeout(() => silence.abort(), 60_000).unref()
    const init = { method, body, headers: { ...context, ...headers }, signal: silence.signal }
    const answer = await fetch(NEXUS_ADDR + path, init).catch(() => null)
    if (answer && answer.status !== 429 && answer.status < 500) return Object.assign(answer, { cut })
    const seconds = Number(answer?.headers.get('retry-after'))
    await answer?.body?.cancel()
    await sleep(seconds > 0 ? seconds * 1000 : jitter(pause / 2, pause))
  }
}

/** The type, cursor and JSON of each event. */
async function* events({ body, cut }) {
  let rest = ''
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    cut.refresh()
    const blocks = (rest + piece).split('\n\n')
    rest = blocks.pop()
    for (const block of blocks) {
      const of = (name) => block.match(new RegExp(`^${name}: ?(.*)$`, 'm'))?.[1]
      if (of('data')) yield { kind: of('event'), at: of('id'), event: JSON.parse(of('data')) }
    }
  }
}

/** The key stands for the message: one that is read again, after a crash, gets no second answer. */
async function answer({ event_id, data }) {
  const headers = { 'Idempotency-Key': `answer-to-${event_id}` }
  const body = JSON.stringify({ text: await answerTo(data.text) })
  const sent = await ask('POST', `/chat/threads/${thread}/messages`, { body, headers })
  const text = await sent.text() // a refusal may be a gate's: the next message may pass
  if (!sent.ok) console.error(`not sent: ${sent.status} ${text}`)
}

const me = await (await ask('GET', '/auth/me')).json()
if (me.actor_type !== 'agent') {
  console.error('this token does not speak as an agent: nexusctl token create --actor-type agent --out FILE')
  process.exit(1)
}
let cursor = file && existsSync(file) ? readFileSync(file, 'utf8') : undefined
for (;;) {
  const stream = await ask('GET', `/sse/chat/${thread}`, { headers: cursor ? { 'Last-Event-ID': cursor } : {} })
  if (!stream.ok) throw new Error(`refused: ${stream.status} ${await stream.text()}`)
  try {
    for await (const { kind, at, event } of events(stream)) {
      if (kind === 'close' && [4401, 4403].includes(event.code)) process.exit(1) // put out
      // Only people: an agent that answers agents talks to itself for ever.
      if (kind === 'user_message' && event.routing.actor_type === 'human' && event.data.text) await answer(event)
      if (at) cursor = at // only now: what was not answered comes again
      if (at && file) writeFileSync(`${file}.new`, at), renameSync(`${file}.new`, file)
      if (kind === 'resume_cursor') console.error('following')
    }
  } catch {} // the connection broke
  await sleep(jitter(1000, 3000))
}
