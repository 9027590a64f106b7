/** Largest body of forms, and of what the study's own code gets. */
export const BODY_BYTES_MAX = 8 * 1024 * 1024
