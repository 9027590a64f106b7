import assert from 'node:assert/strict'
import { test } from 'node:test'
import { describeBrowser, isBrowserExcluded, preferredLanguage } from './browser-rule.ts'
import { errorVariables } from './error-pages.ts'
import { adaptJinja } from './jinja-source.ts'
import { createRenderer } from './jinja.ts'
import { insertMode } from './mode-insertion.ts'

const render = (templates: Record<string, string> | string, variables = {}): string => {
  const files = typeof templates === 'string' ? { page: templates } : templates
  const source = (name: string): string | undefined => {
    const text = (files as Record<string, string>)[name]
    return text === undefined ? undefined : adaptJinja(text)
  }
  return createRenderer(source, { get_flashed_messages: () => [] }).render('page', variables)
}

test('values print as in Python, and undefined ones not at all', () => {
  const variables = { a: null, b: true, c: [1, 'x', null], d: { k: "it's" }, i: 0, f: 1.5 }

  assert.equal(
    render('{{a}}|{{ b }}|{{c}}|{{d|safe}}|{{i}}|{{f}}|{{ nothing }}', variables),
    `None|True|[1, &#39;x&#39;, None]|{'k': "it's"}|0|1.5|`,
  )
})

test('markup in ids is escaped as Jinja2 does it', () => {
  assert.equal(render(`{{ id }} {{ id|safe }}`, { id: `<"'&\`` }), `&lt;&#34;&#39;&amp;\` <"'&\``)
})

test('conditions, loops, layouts, macros and whitespace control work', () => {
  const pages = {
    base: 'A{% block x %}base{% endblock x %}Z',
    layout: '{% extends "base" %}{% block x %}[{{ super() }}]{% endblock %}',
    page: `{# c #}{% extends "layout" %}
{% macro m(v, w='d') %}<{{ v }}{{ w }}>{% endmacro %}
{% block x scoped %}{{ super() }}
  {%- for p in people: -%} {{ loop.index }}{{ p.name }}{{ m(p.name) }} {%- endfor -%}
  {% if mode == 'debug' %}D{% elif mode != "live": %}S{% else %}L{% endif %}
  {%- with a = 1, b = [2, 3] %}{{ a }}{{ b[1] }}{% endwith %}{{ a }}
  {%- raw %}{{ x }}{% with %}{% endraw %}{% include "part" ignore missing with context %}{% endblock %}`,
    part: '!',
  }

  const people = [{ name: 'u' }, { name: 'v' }]
  assert.equal(
    render(pages, { people, mode: 'sandbox' }).replaceAll(/\s/g, ''),
    'A[base]1u<ud>2v<vd>S13{{x}}{%with%}!Z',
  )
})

test('filters and string methods of Python are there', () => {
  assert.equal(
    render(
      `{{ "%s is %05.2f%%"|format(n, 1.5) }} {{ n.upper() }} {{ "a,b".split(",")|join("-") }} {{ x|default("d") }} {{ d|tojson }} {{ "{}-{}".format(1, n) }} {{ hitId[0] }} {{ d.items()|length }}`,
      {
        n: 'ann',
        d: { a: '</script>' },
        hitId: 'H1',
      },
    ),
    `ann is 01.50% ANN a-b d {"a": "\\u003c/script\\u003e"} 1-ann H 1`,
  )
})

test('lists are chosen, mapped and summed by their attributes, and loops write to namespaces', () => {
  const people = [
    { name: 'ann', age: 31, bonus: 1.5 },
    { name: 'bob', age: 17, bonus: 2 },
    { name: 'Ann', age: 45, bonus: 0 },
  ]
  const pages: Record<string, string> = {
    "{{ people|selectattr('age', 'ge', 18)|map(attribute='name')|join(',') }}": 'ann,Ann',
    "{{ people|rejectattr('bonus')|map(attribute='name')|list }}": '[&#39;Ann&#39;]',
    "{{ people|selectattr('name', 'equalto', 'bob')|list|length }}": '1',
    "{{ people|map(attribute='name')|map('upper')|join(' ') }}": 'ANN BOB ANN',
    "{{ people|map(attribute='nick', default='-')|join }}": '---',
    "{{ people|sum(attribute='bonus') }} {{ [1, 2]|sum }} {{ [1]|sum(start=2) }}": '3.5 3 3',
    "{{ (people|max(attribute='age')).age }} {{ [3, 1, 2]|min }}": '45 1',
    "{{ people|unique(attribute='name')|map(attribute='age')|join(',') }}": '31,17',
    '{{ 1|filesizeformat }} {{ 999|filesizeformat }} {{ 13000|filesizeformat }}':
      '1 Byte 999 Bytes 13.0 kB',
    '{{ 2000000|filesizeformat(true) }}': '1.9 MiB',
    "{% for k, v in {'a': 1}|items %}{{ k }}={{ v }}{% endfor %}": 'a=1',
    "<p{{ {'class': 'x<', 'id': none}|xmlattr }}>": '<p class="x&lt;">',
    '{% set ns = namespace(total=1) %}{% for p in people %}{% set ns.total = ns.total + p.age %}{% endfor %}{{ ns.total }}':
      '94',
  }

  for (const [page, text] of Object.entries(pages))
    assert.equal(render(page, { people }), text, page)
})

test('operators and loops that only Jinja2 has give what they give there', () => {
  const variables = { d: { a: 1 }, n: 4, people: [{ name: 'u', in: true }, { name: 'v' }] }
  const pages: Record<string, string> = {
    '{% for x in [1, 2, 3] if x > 1 %}{{ loop.index }}{{ x }} {% else %}none{% endfor %}': '12 23 ',
    '{%- for k, v in d.items() if v > 1: %}{{ k }}{% else %}none{% endfor %}': 'none',
    '{% for p in people if p.in %}{% for q in people if q.name %}{{ q.name }}{% endfor %}{% endfor %}':
      'uv',
    "{% for x in [1, 2, 3] %}{{ loop.cycle('odd', 'even') }} {% endfor %}": 'odd even odd ',
    "{{ '%s-%d' % ('a', 3) }} {{ '%s' % d.a }} {{ n % 3 }} {% if n == '4' %}x{% endif %}":
      'a-3 1 1 ',
    '{{ n is divisibleby 2 }} {{ n is not divisibleby(3) }} {{ d.a is equalto 2 }}':
      'True True False',
    "{{ 'x'|int }} {{ '7'|int + 1 }} {{ [1, [2]]|string }} {{ 'a  b'.split()|length }}":
      '0 8 [1, [2]] 2',
    [`{{ "a 'b' % c" }}`]: 'a &#39;b&#39; % c',
    "{{ [{'a': none}]|map(attribute='a', default=1)|list }} {{ [none]|map('string')|join }}":
      '[None] None',
    "{{ dict(a=1).a }} {{ [1, 2]|join('|', ) }} {{ 'loop.cycle(, )' }}": '1 1|2 loop.cycle(, )',
  }

  for (const [page, text] of Object.entries(pages))
    assert.equal(render(page, variables), text, page)
})

test('what stands before extends comes before the layout', () => {
  const pages = {
    base: '<!-- base -->{% block x %}{% endblock %}',
    middle: '{# none #}{% extends "base" %}ignored',
    page: '<!-- {{ id }} -->\n{% extends "middle" %}{% block x %}{{ id }}{% endblock %}',
  }

  assert.equal(render(pages, { id: '<1>' }), '<!-- &lt;1&gt; -->\n<!-- base -->&lt;1&gt;')
})

test('tuples, slices, indexes from the end and pages without escaping work', () => {
  const variables = {
    mode: 'box',
    words: ['a', 'b', 'c'],
    text: 'hello',
    id: '<1>',
    people: [{ age: 7 }, {}],
  }
  const expected: Record<string, string> = {
    "{{ mode in ('live', 'sandbox') }}{{ 'live' in ('live', 'sandbox') }}": 'FalseTrue',
    "{% for w in ('x', words[0]) %}{{ w }}{% endfor %}{{ ('(', ',')|join }}": 'xa(,',
    '{{ words[-1] }}{{ text[-2] }}{{ words[0:2]|join }}{{ text[:3] }}{{ text[::-1] }}':
      'clabhelolleh',
    '{% autoescape false %}{{ id }}{% endautoescape %}{{ id }}': '<1>&lt;1&gt;',
    '{{ text|truncate(5) }}{{ "hello big world"|truncate(9) }}': 'hellohello...',
    "{{ people|map(attribute='age')|list }}{{ [3, 1]|min }}{{ [3, 1]|max }}": '[7, None]13',
    "{{ 'a/b?c'|urlencode }}": 'a/b%3Fc',
  }
  for (const [page, text] of Object.entries(expected)) assert.equal(render(page, variables), text)
})

test('the machinery behind values cannot be reached from a template', () => {
  assert.equal(render(`{{ "".constructor }}{{ x["constructor"] }}`, { x: {} }), '')
})

test('a broken or missing template says which and where', () => {
  assert.throws(() => render('ok\n{% if x %}'), /page/)
  assert.throws(() => render('{% include "none" %}'), /none/)
})

test('the mode is added behind every worker id that lacks it, in any spacing', () => {
  const link = (text: string): string | undefined => insertMode(`<a href="${text}">`)

  assert.equal(
    link('?workerId={{ workerid }}'),
    '<a href="?workerId={{ workerid }}{{ passed|safe }}&mode={{ mode }}">',
  )
  assert.equal(
    link('?workerId={{workerid}}&x=1'),
    '<a href="?workerId={{workerid}}{{ passed|safe }}&mode={{ mode }}&x=1">',
  )
  assert.equal(
    link('?workerId={{ workerid }}&hitId={{ hitid }}&mode={{ mode }}'),
    '<a href="?workerId={{ workerid }}{{ passed|safe }}&hitId={{ hitid }}&mode={{ mode }}">',
  )
  assert.equal(
    link('?workerId={{ workerid }}&amp;mode=live'),
    '<a href="?workerId={{ workerid }}{{ passed|safe }}&amp;mode=live">',
  )
  assert.equal(link('/consent'), undefined)
})

const CHROME =
  'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/128.0.0.0 Safari/537.36'
const SAFARI =
  'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Safari/605.1.15'
const PHONE =
  'Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1'
const BOT = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'

test('the browser rule knows devices, Safari and any part of the name', () => {
  const rule = ['MSIE', 'mobile', 'tablet']

  assert.deepEqual(
    [CHROME, SAFARI, PHONE, ''].map((agent) => isBrowserExcluded(rule, agent)),
    [false, false, true, false],
  )
  assert.deepEqual(
    [CHROME, SAFARI].map((agent) => isBrowserExcluded(['safari'], agent)),
    [false, true],
  )
  assert.deepEqual(
    [CHROME, BOT].map((agent) => isBrowserExcluded(['bot'], agent)),
    [false, true],
  )
  assert.equal(isBrowserExcluded(['chrome'], CHROME), false)
  assert.equal(isBrowserExcluded(['Chrome'], CHROME), true)
  assert.equal(isBrowserExcluded(['pc'], CHROME), true)
})

test('browsers and platforms have the short names of the original', () => {
  assert.deepEqual(describeBrowser(CHROME), { browser: 'chrome', platform: 'linux' })
  assert.deepEqual(describeBrowser(SAFARI), { browser: 'safari', platform: 'macos' })
  assert.deepEqual(describeBrowser(PHONE), { browser: 'safari', platform: 'iphone' })
  assert.deepEqual(describeBrowser(''), { browser: 'UNKNOWN', platform: 'UNKNOWN' })
  assert.equal(preferredLanguage('de;q=0.5, en-US, fr;q=0.9'), 'en-US')
  assert.equal(preferredLanguage(undefined), 'UNKNOWN')
})

test('query parameters reach the error page but never replace its own variables', () => {
  const variables = errorVariables('improper_inputs', 'a@b', { errornum: '5', hitId: 'H' })

  assert.equal(variables['errornum'], 1013)
  assert.equal(variables['hitId'], 'H')
})

test('a number is never equal to a text, as in Python', () => {
  const page = `{% if c == "1" %}a{% endif %}{% if c == 1 %}b{% endif %}{{ c != "1" }}{{ "==" }}{% if n == none %}N{% endif %}`

  assert.equal(render(page, { c: 1, n: null }), 'bTrue==N')
})
