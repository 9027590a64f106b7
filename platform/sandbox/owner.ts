/**
 * The Linux user whose files they are; null where apps run as the user that we are. User and group
 * have one number.
 */
export type Owner = Readonly<{ uid: number }> | null
