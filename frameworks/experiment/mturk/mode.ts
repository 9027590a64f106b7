/** Where HITs are made and workers are paid: for real, or for practice. */
export type Mode = 'sandbox' | 'live'

export const isMode = (word: string): word is Mode => word === 'sandbox' || word === 'live'
