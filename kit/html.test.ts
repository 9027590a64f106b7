import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html, scriptJson } from './html.ts'

test('every hole is escaped, nested templates are not escaped twice', () => {
  const name = `<b>&"'`

  const page = html`<ul>${[name, html`<li>${1}</li>`, null, false]}</ul>`

  assert.equal(page.text, '<ul>&lt;b&gt;&amp;&quot;&#39;<li>1</li></ul>')
})

test('JSON in a script cannot close the script', () => {
  assert.equal(scriptJson('</script>').text, '"\\u003c/script>"')
})
