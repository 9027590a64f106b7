/** Whether a channel may be called so: letters, digits and hyphens, 16 at most. */
export const isChannelName = (name: string): boolean => /^[a-zA-Z0-9-]{1,16}$/.test(name)
