/** The same as the global `study`, for pages that are made of modules. */
export const { append, save, finish, uniqueId, condition, counterbalance, mode } = window.study
export default window.study
