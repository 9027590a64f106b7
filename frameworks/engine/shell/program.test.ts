import assert from 'node:assert/strict'
import { test } from 'node:test'
import { toProgram } from './program.ts'
import { compile } from './typescript.ts'

test('expressions are awaited and shown, declarations stay, lines keep their numbers', () => {
  const program = toProgram(
    'const x: number = 1\nx + 1 // one more\nfunction f(a: number): number {\n  return a\n}\n{ a: 1 }\n',
  )

  assert.equal(
    program.replaceAll(/ +/g, ' '),
    'const x = 1\n__show(await (x + 1 // one more\n));function f(a ) {\n return a\n}\n__show(await ({ a: 1 }\n));\n',
  )
})

test('a chain of calls and an else continue in the next line', () => {
  const program = toProgram('store\n  .find()\nif (a) b()\nelse c()')

  assert.match(program, /__show\(await \(store\n {2}\.find\(\)\n\)\);if \(a\) b\(\)\nelse c\(\)\n/)
})

for (const code of ['{', 'f(1,', 'const x =', 'const x: ', 'type A = {', 'x = [1,', '`a', '/* a']) {
  test(`${code} waits for more lines`, () => {
    assert.deepEqual(compile(code), { kind: 'incomplete' })
    assert.throws(() => toProgram(`1\n${code}`), /line 2: the input ends within a statement/)
  })
}

for (const code of ['}', 'foo bar', 'enum A { b }', 'const a = "x']) {
  test(`${code} is wrong, with any continuation`, () => {
    assert.throws(() => toProgram(`1\n${code}\n2`), { name: 'SyntaxError', message: /^line 2: / })
  })
}

test("the documents' import is accepted, other Scala is refused with what is supported", () => {
  const imported = compile('import org.apache.predictionio.data.store.PEventStore')
  const scala = compile(
    'PEventStore.aggregateProperties(appName="a")(sc).collect { case(i,p) => i }',
  )

  assert.equal(imported.kind, 'complete')
  assert.match(scala.kind === 'wrong' ? scala.message : '', /This shell speaks TypeScript, e\.g\./)
})
