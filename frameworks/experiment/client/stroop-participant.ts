import type { Page } from 'playwright-core'

/** Goes through the stroop example from the instructions to its questions, every answer correct. */
export async function readAndAnswer(page: Page): Promise<void> {
  for (let i = 0; i < INSTRUCTION_PAGES; i += 1) await page.click('.continue')
  for (let i = 0; i < WORDS; i += 1) {
    await page.waitForFunction(`document.querySelector('#word').textContent !== ''`)
    const trials = await page.evaluate(TRIALS)
    const color = await page.getAttribute('#word', 'class')
    await page.keyboard.press(color?.slice(0, 1) ?? '')
    // The pause between two words is short, and on a busy machine no one sees it: trials are counted.
    await page.waitForFunction(`${TRIALS} > ${String(trials)}`)
  }
  await page.waitForSelector('#engagement')
}

const INSTRUCTION_PAGES = 4
const WORDS = 9
const TRIALS = 'psiTurk.getTrialData().length'
