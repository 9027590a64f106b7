import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTemplate } from './config-template.ts'

const render = (text: string, env = {}) => parseTemplate(text, 'x.erb')(env)

test('values come from the environment, with or without a default', () => {
  const text = `a <%= ENV['A'] %> <%= ENV.fetch("B", 'b') %> <%= ENV['C'] %>|<%# note %>`

  assert.equal(render(text, { A: '1' }), 'a 1 b |')
})

test('branches are taken by what is set', () => {
  const text = `<% if ENV['A'] == 'x' %>\none\n<% else %>\ntwo\n<% if ENV['B'] %>\nthree\n<% end %>\n<% end %>`

  assert.equal(render(text, { A: 'x', B: '1' }), 'one')
  assert.equal(render(text, { B: '1' }), 'two\nthree')
  assert.equal(render(text), 'two')
})

test('anything else is refused with its line, and not run', () => {
  assert.throws(() => render('fine\n<%= `id` %>'), /x\.erb, line 2: = `id`/)
  assert.throws(() => render("<% system('x') %>"), /line 1: system/)
  assert.throws(() => render("<%= ENV.fetch('A') %>"), /A is not set/)
  assert.throws(() => render("<% if ENV['A'] %>"), /an if has no end/)
  assert.throws(() => render('<% end %>'), /line 1: end/)
  assert.throws(() => render("<% if ENV['A'] %>\n<%= `id` %>\n<% end %>"), /line 2: = `id`/)
})
