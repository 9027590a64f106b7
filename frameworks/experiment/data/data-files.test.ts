import assert from 'node:assert/strict'
import { test } from 'node:test'
import { rowsOf } from './data-files.ts'
import type { Exported } from './export.ts'
import { collectMeasures, jsonLine, tidyHeader, tidyRows } from './tidy-files.ts'

const participant = (datastring: string | null): Exported => ({
  uniqueid: 'W:A',
  assignmentid: 'A',
  workerid: 'W',
  hitid: 'H',
  ipaddress: null,
  browser: 'chrome',
  platform: 'linux',
  language: 'en',
  cond: 1,
  counterbalance: 0,
  codeversion: '1.0',
  beginhit: '2026-01-02 03:04:05.678',
  beginexp: null,
  endhit: null,
  bonus: 0.5,
  status: 4,
  mode: 'live',
  datastring,
})

const trial = (trialdata: string): string =>
  `{"uniqueid": "W:A", "current_trial": 0, "dateTime": 1700000000000, "trialdata": ${trialdata}}`

test('the three files are those of the original, byte for byte', () => {
  const rows = rowsOf(
    participant(
      `{"data": [${trial('{"phase": "TEST", "hit": true, "rt": 523.5}')}, ${trial('"text"')}, ` +
        `${trial('[1e-7, 1.0, 12345678901234567890, "\\u00e9", null]')}], ` +
        `"questiondata": {"free": "line1\\nline2, \\"q\\"", "no": null, "yes": true, ` +
        `"list": [1, "it's", {"k": null}], "f": 0.00001}, ` +
        `"eventdata": [{"eventtype": "window_resize", "value": [1024, 768], ` +
        `"timestamp": 1700000000001, "interval": 1}, ` +
        `{"eventtype": "initialized", "value": null, "timestamp": 1, "interval": 0}]}`,
    ),
  )

  assert.equal(
    rows['trialdata.csv'].text,
    'W:A,0,1700000000000,"{""phase"": ""TEST"", ""hit"": true, ""rt"": 523.5}"\r\n' +
      'W:A,0,1700000000000,"""text"""\r\n' +
      'W:A,0,1700000000000,"[1e-07, 1.0, 12345678901234567890, ""\\u00e9"", null]"\r\n',
  )
  assert.equal(
    rows['questiondata.csv'].text,
    'W:A,free,"line1\nline2, ""q"""\r\nW:A,no,\r\nW:A,yes,True\r\n' +
      'W:A,list,"[1, ""it\'s"", {\'k\': None}]"\r\nW:A,f,1e-05\r\n',
  )
  assert.equal(
    rows['eventdata.csv'].text,
    'W:A,window_resize,1,"[1024, 768]",1700000000001\r\nW:A,initialized,0,,1\r\n',
  )
})

test('what cannot be read is skipped with a complaint, file by file', () => {
  const broken = rowsOf(
    participant(`{"data": [${trial('1')}, {"current_trial": 1}], "questiondata": {"a": 1}}`),
  )

  assert.deepEqual(broken['trialdata.csv'], { text: '', complaint: 'Error reading record: W:A' })
  assert.deepEqual(broken['questiondata.csv'], { text: 'W:A,a,1\r\n' })
  const none = { text: '', complaint: 'No trial data found in record: W:A' }
  assert.deepEqual(broken['eventdata.csv'], none)
  for (const left of [null, '', 'null', '[]', '{"a":']) {
    assert.deepEqual(rowsOf(participant(left))['trialdata.csv'], none, String(left))
  }
})

test('the tidy file has a header, and a column for each measure of any participant', () => {
  const people = [
    participant(`{"data": [${trial('{"rt": 523.5, "hit": true}')}]}`),
    participant(null),
    participant(
      `{"data": [${trial('{"word": "a,b", "mode": "x", "more": {"k": [1]}}')}, ${trial('"t"')}]}`,
    ),
  ]
  const measures = new Set<string>()
  for (const one of people) collectMeasures(measures, one)

  const head = 'uniqueid,workerid,assignmentid,hitid,codeversion,mode,cond,counterbalance,status,'
  assert.equal(
    tidyHeader(measures),
    `${head}bonus,beginhit,endhit,current_trial,dateTime,rt,hit,word,trial.mode,more,trialdata\r\n`,
  )
  const row = 'W:A,W,A,H,1.0,live,1,0,4,0.5,2026-01-02 03:04:05.678,,0,1700000000000,'
  assert.equal(
    people.map((one) => tidyRows(measures, one)).join(''),
    `${row}523.5,true,,,,\r\n${row},,"a,b",x,"{""k"": [1]}",\r\n${row},,,,,t\r\n`,
  )
})

test('a line of JSON holds the row and the whole document', () => {
  const line = jsonLine(participant('{"data": [], "n": 1.0}'))

  assert.match(line, /^\{"uniqueid":"W:A",.*"document":\{"data": \[\], "n": 1\.0\}\}\n$/)
  assert.equal((JSON.parse(line) as { cond: number }).cond, 1)
  assert.match(jsonLine(participant(null)), /"document":null\}\n$/)
  assert.match(jsonLine(participant('{"a":\n1}')), /"document":\{"a": 1\}\}\n$/)
  assert.match(jsonLine(participant('{"a')), /"document":"\{\\"a"\}\n$/)
})
