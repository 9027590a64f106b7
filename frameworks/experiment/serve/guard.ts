import type { StudyServer } from '../http/study-server.ts'

/** Where the library of the browser is found; the second address is for those who block the first. */
export const LIBRARY = '/static/js/psiturk.js'
export const LIBRARY_ELSEWHERE = '/static/js/study-page.js'

/**
 * A study's page with a guard: without its library a participant would see an empty page, or work
 * for nothing. The guard loads the page again with the library at its second address, and then
 * says what is wrong. The library reads the contact from the page.
 */
export function withGuard(html: string, server: StudyServer, usesOther: boolean): string {
  if (!html.includes('psiturk.js')) return html
  const contact = server.study.settings.task.contact_email_on_error
  const page = usesOther ? html.replaceAll(LIBRARY, LIBRARY_ELSEWHERE) : html
  return intoHead(page, `<script>(${GUARD})(${asScript(contact)},${usesOther})</script>`)
}

/** ES5, as the library. */
const GUARD = `function(contact,last){
window.psiturkContact=contact
function seen(){return typeof window.PsiTurk!=='undefined'}
function say(){if(seen())return
if(!last){location.replace(location.href+(location.search?'&':'?')+'library=2');return}
var p=document.createElement('p')
p.setAttribute('role','alert')
p.style.cssText='position:fixed;z-index:99999;left:0;right:0;top:0;margin:0;padding:1em;background:#a11;color:#fff;font:16px/1.4 sans-serif'
p.appendChild(document.createTextNode('This page cannot save your answers: your browser blocks a part of it. Turn off blockers for this page and load it again, or write to '+contact+'.'))
document.documentElement.appendChild(p)}
window.addEventListener('error',function(e){var s=e.target&&e.target.src
if(s&&/psiturk\\.js|study-page\\.js/.test(s))say()},true)
window.addEventListener('load',function(){setTimeout(say,0)})}`

/** A text in a script: no letter of it ends the script or the text. */
const asScript = (text: string): string =>
  JSON.stringify(text).replaceAll(
    /[<>&\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

/** Puts a piece where the head of a page begins, without touching the page else. */
export function intoHead(html: string, piece: string): string {
  const place =
    /<head(?:\s[^>]*)?>/i.exec(html) ??
    /<html(?:\s[^>]*)?>/i.exec(html) ??
    /<!doctype[^>]*>/i.exec(html)
  const at = place === null ? 0 : place.index + place[0].length
  return html.slice(0, at) + piece + html.slice(at)
}
