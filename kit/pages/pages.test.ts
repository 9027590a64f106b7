import assert from 'node:assert/strict'
import { test } from 'node:test'
import { html } from '../html.ts'
import { inlineStyle, page } from './index.ts'

test('a page escapes its title and keeps its markup', () => {
  const text = page({ title: 'a < b', body: html`<h1>${'<i>'}</h1>` }).text

  assert.match(text, /<title>a &lt; b<\/title>/)
  assert.match(text, /<h1>&lt;i&gt;<\/h1>/)
  assert.match(text, /width=device-width/)
})

test('a product’s style comes after the tokens, so that it can override the accent', () => {
  const { text } = inlineStyle(':root { --accent: red; }')

  assert.ok(text.indexOf('--accent: light-dark') > 0)
  assert.ok(text.indexOf('--accent: red') > text.indexOf('--accent: light-dark'))
})
